import { isDatabaseReachable } from "@/app/_server/health.ts";

/** 200 when the web can serve: it runs and has its database. */
export async function GET(): Promise<Response> {
  const isHealthy = await isDatabaseReachable();
  return Response.json(
    { status: isHealthy ? "ok" : "database_unavailable" },
    { status: isHealthy ? 200 : 503, headers: { "cache-control": "no-store" } },
  );
}
