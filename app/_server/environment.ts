// What this process was started with, read once.
import { readSecretKeys, type SecretKeys } from "../../prisma/secrets.ts";
import { readSettings, type Settings } from "../../settings.ts";

let knownSettings: Settings | undefined;
let knownKeys: SecretKeys | undefined;

export function settings(): Settings {
  knownSettings ??= readSettings(process.env);
  return knownSettings;
}

/** @throws Error when `SECRET_KEY` is missing or malformed. */
export function secretKeys(): SecretKeys {
  knownKeys ??= readSecretKeys(process.env.SECRET_KEY);
  return knownKeys;
}

/** Where MCP clients reach one server. */
export function gatewayUrlOf(serverId: string): string {
  return `${settings().gatewayPublicUrl}/mcp/${serverId}`;
}
