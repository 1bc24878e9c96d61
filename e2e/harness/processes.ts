// The real programs, started as they run in earnest, for tests that send them requests and kill them.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../../prisma/free-port.ts";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/** A SECRET_KEY for tests that seal something a gateway must open. */
export const testSecretKey = Buffer.alloc(32, 7).toString("base64url");

export type RunningGateway = {
  url: string;
  adminUrl: string;
  process: ChildProcess;
  /** Pass it to the next `startGateway` to go on with this one's journal. */
  dataDir: string;
  /** What it printed so far. */
  output(): string;
  /** SIGTERM, and waits until it is gone. */
  stop(): Promise<void>;
  kill9(): Promise<void>;
};

export type GatewayOptions = {
  databaseUrl: string;
  /** A new temporary directory when left out. */
  dataDir?: string;
  /** Any free ones when left out. */
  port?: number;
  adminPort?: number;
  env?: Record<string, string>;
  /** What Node runs; from the sources when left out. */
  program?: string[];
};

/**
 * Starts a gateway and waits until it is ready.
 *
 * @throws Error with what it printed when it ends or is not ready within 30 s.
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const [port, adminPort] = [options.port ?? (await freePort()), options.adminPort ?? (await freePort())];
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), "policylayer-gateway-")));
  const env = {
    SECRET_KEY: testSecretKey,
    GATEWAY_PORT: String(port),
    GATEWAY_ADMIN_PORT: String(adminPort),
    DATABASE_URL: options.databaseUrl,
    DATA_DIR: dataDir,
    ...options.env,
  };
  const child = launch(options.program ?? ["--import", "tsx", "gateway/main.ts"], env);
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  await child.until(() => answersOk(`${adminUrl}/readyz`), 30_000);
  return {
    url: `http://127.0.0.1:${port}`,
    adminUrl,
    dataDir,
    process: child.process,
    output: child.output,
    stop: () => child.end("SIGTERM"),
    kill9: () => child.end("SIGKILL"),
  };
}

export type Ports = { web: number; gateway: number; gatewayAdmin: number };

export type RunningPolicyLayer = {
  webUrl: string;
  gatewayUrl: string;
  adminUrl: string;
  /** The supervisor: web, gateway and Postgres are its children. */
  process: ChildProcess;
  /** From the start until it said that it is ready. */
  readyMs: number;
  output(): string;
  /** Sends the signal (SIGTERM) and waits until it is gone; returns how long that took, in ms. */
  stop(signal?: NodeJS.Signals): Promise<number>;
};

/**
 * Runs the whole of PolicyLayer as `npm start` does, build included when one is due, and waits until it says that it is ready.
 *
 * @throws Error with what it printed when it ends or is not ready within 10 minutes.
 */
export async function startPolicyLayer(options: {
  dataDir: string;
  ports: Ports;
  env?: Record<string, string>;
  /** Another checkout than this one. */
  root?: string;
}): Promise<RunningPolicyLayer> {
  const { ports, dataDir } = options;
  const from = Date.now();
  const env = {
    PORT: String(ports.web),
    GATEWAY_PORT: String(ports.gateway),
    GATEWAY_ADMIN_PORT: String(ports.gatewayAdmin),
    DATA_DIR: dataDir,
    POLICYLAYER_ENV_FILE: "",
    ...options.env,
  };
  const child = launch(["setup.mjs", "start.ts"], env, options.root);
  await child.until(async () => /PolicyLayer: ready in/.test(child.output()), 600_000);
  return {
    webUrl: `http://127.0.0.1:${ports.web}`,
    gatewayUrl: `http://127.0.0.1:${ports.gateway}`,
    adminUrl: `http://127.0.0.1:${ports.gatewayAdmin}`,
    process: child.process,
    readyMs: Date.now() - from,
    output: child.output,
    stop: async (signal = "SIGTERM") => {
      const asked = Date.now();
      await child.end(signal);
      return Date.now() - asked;
    },
  };
}

export async function answersOk(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

function launch(args: string[], env: Record<string, string>, cwd: string = root) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...cleanEnvironment(), ...env } as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk).slice(-100_000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;

  return {
    process: child,
    output: () => output,
    async until(holds: () => Promise<boolean>, timeoutMs: number): Promise<void> {
      const deadline = Date.now() + timeoutMs;
      while (!(await holds())) {
        const late = Date.now() > deadline;
        if (!late && !hasEnded()) {
          await sleep(50);
          continue;
        }
        if (late) child.kill("SIGTERM");
        throw new Error(`${args.at(-1)} ${late ? `was not ready after ${timeoutMs} ms` : "ended"}:\n${output}`);
      }
    },
    async end(signal: NodeJS.Signals): Promise<void> {
      if (!hasEnded()) child.kill(signal);
      await gone;
    },
  };
}

/** Nothing of the test runner's own environment decides how the programs run. */
function cleanEnvironment(): Record<string, string | undefined> {
  const runners = /^(NODE_ENV|NODE_OPTIONS|VITEST.*|TEST|DEV|PROD|MODE|npm_lifecycle_.*|DATABASE_URL|DATA_DIR|.*_KEY)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !runners.test(name)));
}
