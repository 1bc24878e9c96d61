// What the web process does besides answering: called once by Next when it is ready to serve.

export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { startJobs } = await import("./app/_server/catalog/job-world.ts");
  startJobs();
  const { startDeliveries } = await import("./app/_server/notifications/world.ts");
  startDeliveries();
  const { startKeepingCalls } = await import("./app/_server/call-keeper.ts");
  startKeepingCalls();
  const { startSealing } = await import("./app/_server/evidence/seal.ts");
  const { startForwarding } = await import("./app/_server/evidence/forward.ts");
  if (process.env.DATABASE_URL) {
    startSealing(process.env.DATABASE_URL);
    startForwarding(process.env.DATABASE_URL);
  }
}
