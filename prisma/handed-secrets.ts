// Secrets that a process is handed over its message channel: what stands in its environment when it starts, every program of the
// same user can read for as long as it runs.

/** The variables that are handed over this way. */
const secretNames = [
  "DATABASE_URL",
  "SECRET_KEY",
  "NEXTAUTH_SECRET",
  "EVIDENCE_KEY",
  "GITHUB_SECRET",
  "GOOGLE_SECRET",
  "COUNTERS_URL", // may hold a password
];
const announced = "SECRETS_FOLLOW";

/** What a process says when it is ready to be handed its secrets. Only who cannot send them before has to listen for it. */
export const asksForSecrets = "secrets?";

/** The secrets in an environment. */
export function secretsIn(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(secretNames.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** What to start a process with that is going to be handed its secrets. */
export function withoutSecrets(env: NodeJS.ProcessEnv, secrets: Record<string, string>): NodeJS.ProcessEnv {
  const kept: NodeJS.ProcessEnv = { ...env, [announced]: "1" };
  for (const name of Object.keys(secrets)) delete kept[name];
  return kept;
}

/** Waits for the secrets, when they were announced, and puts them where they are looked for. A process started by hand has them there. */
export async function receiveSecrets(): Promise<void> {
  if (process.env[announced] !== "1" || !process.connected) return;
  delete process.env[announced];
  const received = new Promise<unknown>((resolve) => process.once("message", resolve));
  process.send?.(asksForSecrets);
  const message = await received;
  if (typeof message !== "object" || message === null || !("secrets" in message)) return;
  Object.assign(process.env, message.secrets);
}
