// npm start: everything from nothing to two running URLs, and back. Starts in this order and stops in the reverse one:
// our own Postgres (unless DATABASE_URL names another), migrations, a build when sources changed, web and gateway.
import { existsSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildIfStale, builtProgram } from "./build.ts";
import { watchSources } from "./dev-watch.ts";
import { readDrainMs, readWorkers } from "./gateway/env.ts";
import { seedCatalog } from "./prisma/catalog-seed.ts";
import { claimDataDir, readSecrets, type Secrets } from "./prisma/data-dir.ts";
import { secretsIn } from "./prisma/handed-secrets.ts";
import { deploy } from "./prisma/migrate.ts";
import { type Postgres, startPostgres } from "./prisma/postgres.ts";
import { readSettings, type Settings } from "./settings.ts";
import { keepRunning, type Program, type Supervised } from "./supervise.ts";

const startedAt = Date.now();
const dev = process.argv.includes("--dev");
const root = path.dirname(fileURLToPath(import.meta.url));

/** What has to be stopped, in the order in which it started. */
const running: { postgres?: Promise<Postgres>; children: Supervised[] } = { children: [] };
let stopping: Promise<void> | undefined;

process.chdir(root);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0, signal));
process.on("disconnect", () => void stop(0, "whoever started this is gone")); // a test, say; a terminal has no such channel
process.on("uncaughtException", (error) => void fail(error));
process.on("unhandledRejection", (error) => void fail(error));
stopWithNpm();

try {
  await start();
} catch (error) {
  await fail(error);
}

async function start(): Promise<void> {
  // POLICYLAYER_ENV_FILE= (empty) keeps a developer's own .env away from tests.
  const envFile = process.env.POLICYLAYER_ENV_FILE ?? ".env";
  if (envFile && existsSync(envFile)) process.loadEnvFile(envFile);
  const settings = readSettings(process.env);
  const dataDir = path.resolve(settings.dataDir);
  const { leftovers } = claimDataDir(dataDir);
  const secrets = readSecrets(dataDir, process.env);
  await checkPorts(settings, leftovers ? 5_000 : 0);

  // Neither needs the other, and on a first start both take a while.
  const [databaseUrl] = await Promise.all([startDatabase(dataDir, secrets), dev ? null : build()]);
  const env = environment(settings, secrets, dataDir, databaseUrl);
  const webEnv = { ...env, EVIDENCE_KEY: secrets.EVIDENCE_KEY };
  startChild({ name: "web", args: programArgs("web"), env: webEnv, secrets: secretsIn(webEnv) });
  const gateway = startChild({ name: "gateway", args: programArgs("gateway"), env, secrets: secretsIn(env) });
  await Promise.all(running.children.map((child) => child.ready));
  await whenAnswering([
    `http://${urlHost(settings)}:${settings.webPort}/api/healthz`,
    ...adminPorts(settings).map((port) => `http://${adminHost()}:${port}/readyz`),
  ]);
  if (stopping) return;
  if (dev) {
    watchSources(root, () => {
      say("sources of the gateway changed; starting it again");
      gateway.restart();
    });
  }
  announce(settings);
}

function startChild(program: Program): Supervised {
  const child = keepRunning(program, say);
  running.children.push(child);
  return child;
}

async function startDatabase(dataDir: string, secrets: Secrets): Promise<string> {
  const url = process.env.DATABASE_URL || (await startOwnPostgres(dataDir, secrets));
  const applied = await deploy(url).catch((cause: Error & { code?: string }) => {
    if (!process.env.DATABASE_URL) throw cause;
    throw new Error(`the database of DATABASE_URL: ${cause.message || cause.code}`, { cause });
  });
  if (applied.length > 0) say(`applied ${applied.length === 1 ? "migration" : "migrations"} ${applied.join(", ")}`);
  const seeded = await seedCatalog(url);
  if (seeded) say(`read ${seeded.tools} tools of ${seeded.servers} servers into the catalog`);
  return url;
}

async function startOwnPostgres(dataDir: string, secrets: Secrets): Promise<string> {
  const place = path.join(dataDir, "postgres");
  if (!existsSync(place)) say(`making a database in ${place}`);
  const options = { dataDir: place, password: secrets.POSTGRES_PASSWORD, say };
  running.postgres = startPostgres(options);
  const postgres = await running.postgres;
  if (postgres.adopted) say(`using the Postgres that an earlier start left running (process ${postgres.pid})`);
  void keepPostgresRunning(postgres, { ...options, port: postgres.port });
  return postgres.url;
}

/** Starts Postgres again when it dies, on the same port: web and gateway connect again by themselves. */
async function keepPostgresRunning(postgres: Postgres, options: Parameters<typeof startPostgres>[0]): Promise<void> {
  let current = postgres;
  while (!stopping) {
    await sleep(250);
    if (stopping || current.isAlive()) continue;
    say("Postgres ended; starting it again");
    running.postgres = startPostgres(options);
    try {
      current = await running.postgres;
      say(`Postgres is back (process ${current.pid})`);
    } catch (error) {
      say(`Postgres did not come back, trying again: ${(error as Error).message}`);
      await sleep(2_000);
    }
  }
}

async function build(): Promise<void> {
  const built = await buildIfStale(say);
  if (!built.ok) throw new Error(`the build failed:\n${built.output}`);
}

function environment(settings: Settings, secrets: Secrets, dataDir: string, databaseUrl: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_ENV: dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    SECRET_KEY: secrets.SECRET_KEY,
    NEXTAUTH_SECRET: secrets.NEXTAUTH_SECRET,
    NEXTAUTH_URL: settings.publicUrl,
  };
}

function programArgs(name: "web" | "gateway"): string[] {
  if (!dev) return builtProgram(name);
  return ["--import", "tsx", ...(name === "web" ? ["web.ts", "--dev"] : ["gateway/main.ts"])];
}

/** Each worker of the gateway has one. */
function adminPorts({ gatewayAdminPort }: Settings): number[] {
  return Array.from({ length: readWorkers(process.env) }, (_, n) => gatewayAdminPort + n);
}

function adminBind(): string {
  return process.env.GATEWAY_ADMIN_BIND || "127.0.0.1";
}

/** An address at which the admin ports answer us, as it stands in a URL. */
function adminHost(): string {
  const bind = adminBind();
  return ["0.0.0.0", "::"].includes(bind) ? "127.0.0.1" : bind.includes(":") ? `[${bind}]` : bind;
}

/**
 * @param patienceMs After a start that was killed, its web and gateway may still be on their way out.
 */
async function checkPorts(settings: Settings, patienceMs: number): Promise<void> {
  const ports = [
    { name: "PORT", port: settings.webPort, host: settings.bind },
    { name: "GATEWAY_PORT", port: settings.gatewayPort, host: settings.bind },
    ...adminPorts(settings).map((port) => ({ name: "GATEWAY_ADMIN_PORT", port, host: adminBind() })),
  ];
  const deadline = Date.now() + patienceMs;
  for (const { name, port, host } of ports) {
    while (true) {
      const trouble = await troubleListening(port, host);
      if (!trouble) break;
      if (trouble === "EADDRINUSE" && Date.now() < deadline) await sleep(100);
      else if (trouble === "EADDRINUSE") {
        throw new Error(
          `port ${port} is in use by another program. Set ${name} to a free one, like ${name}=${port + 10} npm start`,
        );
      } else throw new Error(`cannot listen on ${host} port ${port} (${trouble}). Set BIND or ${name}.`);
    }
  }
}

function troubleListening(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

/** Waits until every address answers 200. */
async function whenAnswering(urls: string[]): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (const url of urls) {
    let last = "";
    while (!stopping) {
      try {
        const response = await fetch(url);
        if (response.ok) break;
        last = `${response.status} ${(await response.text()).slice(0, 500)}`;
      } catch (error) {
        last = (error as Error).message;
      }
      if (Date.now() > deadline) throw new Error(`${url} does not answer 200: ${last}`);
      await sleep(50);
    }
  }
}

/** An address on which we surely listen: `0.0.0.0` and `::` are not ones to connect to, and the Host header must be ours. */
function urlHost({ hosted, bind }: Settings): string {
  if (bind === "::" || bind === "::1") return "[::1]";
  return !hosted || bind === "0.0.0.0" ? "127.0.0.1" : bind;
}

function announce(settings: Settings): void {
  say(`ready in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  console.log(`
  Dashboard   ${settings.publicUrl}
  MCP gateway ${settings.gatewayPublicUrl}/mcp/<server id>
  Health      http://${adminHost()}:${settings.gatewayAdminPort}/readyz

  Ctrl-C stops everything.
`);
}

function stop(exitCode: number, why: string): Promise<void> {
  stopping ??= (async () => {
    const from = Date.now();
    if (running.postgres) say(`stopping (${why})`);
    await Promise.all(running.children.map((child) => child.stop(2_500 + readDrainMs(process.env))));
    // Last: what the others still had to write, they have written. One that never came up needs no stopping.
    const postgres = await running.postgres?.catch(() => undefined);
    await postgres?.stop();
    if (running.postgres) say(`stopped in ${Date.now() - from} ms`);
    process.exit(exitCode);
  })();
  return stopping;
}

async function fail(error: unknown): Promise<void> {
  if (stopping) return stopping;
  const told = error instanceof Error ? error.message : String(error);
  console.error(`PolicyLayer: ${process.env.DEBUG && error instanceof Error ? error.stack : told}`);
  await stop(1, "because of that");
}

/** npm that is killed takes nobody with it. Without this, what it started would run on where nobody sees it. */
function stopWithNpm(): void {
  const npm = process.ppid;
  if (!["start", "dev"].includes(process.env.npm_lifecycle_event ?? "")) return;
  setInterval(() => {
    if (process.ppid !== npm) void stop(0, "npm is gone");
  }, 500).unref();
}

function say(line: string): void {
  console.log(`PolicyLayer: ${line}`);
}
