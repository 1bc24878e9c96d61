// What the environment says, read in one place by the web, the gateway and start.ts: ports, addresses, whom we answer.
// Names and defaults are a contract with outside checks; README "Settings" lists them.

export type Settings = {
  webPort: number;
  gatewayPort: number;
  gatewayAdminPort: number;
  /** Where people reach the dashboard, no trailing slash. */
  publicUrl: string;
  /** Where MCP clients reach the gateway, no trailing slash. */
  gatewayPublicUrl: string;
  /** The address to listen on. Anything but loopback turns hosted mode on. */
  bind: string;
  hosted: boolean;
  /** `true` when `ALLOW_STDIO=1`: every organisation may register commands, also in hosted mode. */
  allowStdio: boolean;
  /** Whether an upstream on a private or loopback address may be reached. */
  allowPrivateUpstreams: boolean;
  dataDir: string;
  /** With whose rights commands run, when we run as root; null: with ours. */
  stdioUser: { uid: number; gid: number } | null;
  /** How long a command may take until it answers for the first time when it is registered. */
  stdioStartMs: number;
  /** How e-mail is sent, `smtp://user:password@host:port`; null: none is. */
  smtpUrl: string | null;
  /** From whom it comes. */
  smtpFrom: string;
  /** Lower-case host names accepted in `Host` and `Origin`, without port. */
  allowedHosts: ReadonlySet<string>;
};

type Environment = Record<string, string | undefined>;

/**
 * Reads the settings from an environment.
 *
 * @throws Error with the variable's name when a port is not a number from 1 to 65535.
 */
export function readSettings(env: Environment): Settings {
  const webPort = port(env, "PORT", 3000);
  const gatewayPort = port(env, "GATEWAY_PORT", 4000);
  const gatewayAdminPort = port(env, "GATEWAY_ADMIN_PORT", 4001);
  const bind = env.BIND || "127.0.0.1";
  const hosted = !isLoopbackHost(bind);
  const publicUrl = withoutTrailingSlash(env.PUBLIC_URL || `http://127.0.0.1:${webPort}`);
  const gatewayPublicUrl = withoutTrailingSlash(env.GATEWAY_PUBLIC_URL || `http://127.0.0.1:${gatewayPort}`);
  return {
    webPort,
    gatewayPort,
    gatewayAdminPort,
    publicUrl,
    gatewayPublicUrl,
    bind,
    hosted,
    allowStdio: env.ALLOW_STDIO === "1",
    allowPrivateUpstreams: !hosted || env.ALLOW_PRIVATE_UPSTREAMS === "1",
    dataDir: env.DATA_DIR || ".data",
    stdioUser: stdioUser(env.STDIO_USER),
    stdioStartMs: seconds(env, "STDIO_START_SECONDS", 30) * 1_000,
    smtpUrl: smtpUrl(env.SMTP_URL),
    smtpFrom: env.SMTP_FROM || `PolicyLayer <policylayer@${new URL(publicUrl).hostname.replace(/^\[|\]$/g, "")}>`,
    allowedHosts: new Set([
      "localhost",
      "127.0.0.1",
      "[::1]",
      new URL(publicUrl).hostname,
      new URL(gatewayPublicUrl).hostname,
      ...(env.ALLOWED_HOSTS ?? "")
        .split(",")
        .map((host) => host.trim().toLowerCase())
        .filter(Boolean),
    ]),
  };
}

/**
 * Whether a `Host` header names us. Guards against DNS rebinding: a page that made its own name resolve to this machine
 * still sends that name.
 */
export function isAllowedHost(settings: Pick<Settings, "allowedHosts">, host: string | undefined): boolean {
  if (!host) return false;
  const name = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(host)?.[1];
  return name !== undefined && settings.allowedHosts.has(name.toLowerCase());
}

/** Whether an `Origin` header is one of ours. No `Origin` at all is fine (not a browser); `null` is not. */
export function isAllowedOrigin(settings: Pick<Settings, "allowedHosts">, origin: string | undefined): boolean {
  if (origin === undefined) return true;
  if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return false;
  return settings.allowedHosts.has(new URL(origin).hostname.toLowerCase());
}

export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function port(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new Error(`${name} must be a port from 1 to 65535, not \`${text}\``);
  }
  return value;
}

function stdioUser(text: string | undefined): Settings["stdioUser"] {
  if (!text) return null;
  const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
  if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  throw new Error(
    `STDIO_USER must be a user's and a group's number, like 65534:65534, and not root's, not \`${text}\``,
  );
}

function seconds(env: Environment, name: string, fallback: number): number {
  const value = Number(env[name] || fallback);
  if (!(value >= 1 && value <= 3_600)) throw new Error(`${name} must be from 1 to 3600, not \`${env[name]}\``);
  return value;
}

function smtpUrl(text: string | undefined): string | null {
  if (!text) return null;
  // Not repeated: it may hold a password.
  if (!/^smtps?:\/\/[^/]/.test(text) || !URL.canParse(text))
    throw new Error("SMTP_URL must begin with smtp:// or smtps://");
  return text;
}

function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
