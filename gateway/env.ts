// What the gateway process is told by its environment.
import path from "node:path";
import { readSecretKeys, type SecretKeys } from "../prisma/secrets.ts";
import { readSettings, type Settings } from "../settings.ts";
import { readTelemetry, type TelemetrySettings } from "./telemetry.ts";

export type GatewayEnvironment = {
  settings: Settings;
  databaseUrl: string;
  keys: SecretKeys;
  journalDir: string;
  /** `JOURNAL_FSYNC=1`: what is recorded survives a power cut too, for some milliseconds a call. */
  journalFsync: boolean;
  /** `COUNTERS_URL`: where several gateways count together, `redis://…`, `rediss://…` or `postgres`; null: in this process. */
  countersUrl: string | null;
  /** `GATEWAY_CLOCK_OFFSET_MS`: a clock that is off, for trying it. */
  clockOffsetMs: number;
  /** A collector of spans and metrics; null when there is none. */
  telemetry: TelemetrySettings | null;
};

/** @throws Error with the variable's name when something is missing or is not what it must be. */
export function readEnvironment(env: Record<string, string | undefined>): GatewayEnvironment {
  if (!env.DATABASE_URL) throw new Error("DATABASE_URL is not set");
  const settings = readSettings(env);
  return {
    settings,
    databaseUrl: env.DATABASE_URL,
    keys: readSecretKeys(env.SECRET_KEY),
    journalDir: path.join(settings.dataDir, "journal"),
    journalFsync: env.JOURNAL_FSYNC === "1",
    countersUrl: countersUrl(env.COUNTERS_URL),
    clockOffsetMs: Number(env.GATEWAY_CLOCK_OFFSET_MS) || 0,
    telemetry: readTelemetry(env),
  };
}

function countersUrl(text: string | undefined): string | null {
  if (!text) return null;
  // Not repeated: it may hold a password.
  if (text !== "postgres" && !(/^rediss?:\/\/[^/]/.test(text) && URL.canParse(text))) {
    throw new Error("COUNTERS_URL must begin with redis:// or rediss://, or be postgres");
  }
  return text;
}
