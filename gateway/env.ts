// What the gateway process is told by its environment.
import { availableParallelism } from "node:os";
import { readSecretKeys, type SecretKeys } from "../prisma/secrets.ts";
import { readSettings, type Settings } from "../settings.ts";
import { placesOf } from "./orphans.ts";
import { readTelemetry, type TelemetrySettings } from "./telemetry.ts";

export type GatewayEnvironment = {
  settings: Settings;
  databaseUrl: string;
  keys: SecretKeys;
  journalDir: string;
  /** Where tasks are written down. */
  tasksFile: string;
  /** `JOURNAL_FSYNC=1`: what is recorded survives a power cut too, for some milliseconds a call. */
  journalFsync: boolean;
  /** Which of several workers this is, from 1; 1 when there is only one. */
  worker: number;
  /** How many there are. */
  workers: number;
  /** Where other gateways and the web reach the admin port. */
  adminUrl: string;
  /** The address that the admin port is listened on. */
  adminBind: string;
  /** `COUNTERS_URL`: where several gateways count together, `redis://…`, `rediss://…` or `postgres`; null: in this process. */
  countersUrl: string | null;
  /** `GATEWAY_CLOCK_OFFSET_MS`: a clock that is off, for trying it. */
  clockOffsetMs: number;
  /** `GATEWAY_DRAIN_MS`: how long calls under way may take to end when the process is told to stop. */
  drainMs: number;
  /** For how much of that it still takes connections, so that a balancer that asks `/readyz` has noticed. */
  noticeMs: number;
  /** A collector of spans and metrics; null when there is none. */
  telemetry: TelemetrySettings | null;
};

const noticeMsMax = 5_000;

/** @throws Error with the variable's name when something is missing or is not what it must be. */
export function readEnvironment(env: Record<string, string | undefined>): GatewayEnvironment {
  if (!env.DATABASE_URL) throw new Error("DATABASE_URL is not set");
  const [worker, workers] = [Number(env.GATEWAY_WORKER) || 1, readWorkers(env)];
  const whole = readSettings(env);
  // The first has the port that is set; each of the others one more.
  const settings = { ...whole, gatewayAdminPort: whole.gatewayAdminPort + worker - 1 };
  const adminBind = env.GATEWAY_ADMIN_BIND || "127.0.0.1";
  const adminUrl = adminUrlOf(env.GATEWAY_ADMIN_URL, whole.gatewayAdminPort, worker);
  return {
    settings: {
      ...settings,
      allowedHosts: new Set([...settings.allowedHosts, new URL(adminUrl).hostname, ...boundTo(adminBind)]),
    },
    worker,
    workers,
    adminUrl,
    adminBind,
    databaseUrl: env.DATABASE_URL,
    keys: readSecretKeys(env.SECRET_KEY),
    ...placesOf(settings.dataDir, worker),
    journalFsync: env.JOURNAL_FSYNC === "1",
    countersUrl: countersUrl(env.COUNTERS_URL) ?? (workers > 1 ? "postgres" : null),
    clockOffsetMs: Number(env.GATEWAY_CLOCK_OFFSET_MS) || 0,
    drainMs: readDrainMs(env),
    // Who does not set it has no balancer, and wants an end soon.
    noticeMs: env.GATEWAY_DRAIN_MS ? Math.min(readDrainMs(env) / 2, noticeMsMax) : 0,
    telemetry: readTelemetry(env),
  };
}

/**
 * `GATEWAY_WORKERS`: how many processes share the port; `auto` for one a core.
 *
 * @throws Error when it is neither that nor a number from 1 to 64.
 */
export function readWorkers(env: Record<string, string | undefined>): number {
  if (!env.GATEWAY_WORKERS) return 1;
  const count = env.GATEWAY_WORKERS === "auto" ? availableParallelism() : Number(env.GATEWAY_WORKERS);
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new Error(`GATEWAY_WORKERS must be from 1 to 64, or auto, not \`${env.GATEWAY_WORKERS}\``);
}

/** @throws Error when `GATEWAY_DRAIN_MS` is not a number from 0 to 600000. */
export function readDrainMs(env: Record<string, string | undefined>): number {
  if (!env.GATEWAY_DRAIN_MS) return 700;
  const ms = Number(env.GATEWAY_DRAIN_MS);
  if (ms >= 0 && ms <= 600_000) return ms;
  throw new Error(`GATEWAY_DRAIN_MS must be from 0 to 600000, not \`${env.GATEWAY_DRAIN_MS}\``);
}

/** Several workers of one machine differ in their ports only. */
function adminUrlOf(text: string | undefined, adminPort: number, worker: number): string {
  if (!text) return `http://127.0.0.1:${adminPort + worker - 1}`;
  if (!/^http:\/\/[^/]/.test(text) || !URL.canParse(text)) {
    throw new Error(`GATEWAY_ADMIN_URL must begin with http://, not \`${text}\``);
  }
  const url = new URL(text);
  url.port = String(Number(url.port || adminPort) + worker - 1);
  return url.origin;
}

/** The name of an address in a URL. Of all addresses at once it would be one that a page can make its own. */
function boundTo(address: string): string[] {
  if (address === "0.0.0.0" || address === "::") return [];
  return [address.includes(":") ? `[${address}]` : address];
}

function countersUrl(text: string | undefined): string | null {
  if (!text) return null;
  // Not repeated: it may hold a password.
  if (text !== "postgres" && !(/^rediss?:\/\/[^/]/.test(text) && URL.canParse(text))) {
    throw new Error("COUNTERS_URL must begin with redis:// or rediss://, or be postgres");
  }
  return text;
}
