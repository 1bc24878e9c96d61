// The processes that a bench runs beside the gateway, and what the kernel says of their time and memory.
import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../../prisma/free-port.ts";
import type { CallersOrder, CallersReport } from "../soak/callers.ts";
import type { LoadOrder, LoadReport } from "./load.ts";

export type Running = { url: string; pid: number; stop(): void };

/** `figures`: the calls that it has answered, and the streams that are open there. */
export async function startEcho(): Promise<Running & { figures(): Promise<{ calls: number; streams: number }> }> {
  const { child, ...running } = await startServing("echo.ts", []);
  return {
    ...running,
    async figures() {
      child.send("figures");
      return (await next(child)) as { calls: number; streams: number };
    },
  };
}

/** @param upstream Origin of what it relays to. */
export async function startFloor(upstream: string): Promise<Running> {
  const { child: _, ...running } = await startServing("floor.ts", [upstream]);
  return running;
}

async function startServing(file: string, args: string[]): Promise<Running & { child: ChildProcess }> {
  const child = start(file, args);
  const { port } = (await next(child)) as { port: number };
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, child, stop: () => void child.kill() };
}

type Working<Order, Report> = { run(order: Order): Promise<Report>; stop(): void };

/** What a gateway says of itself at this moment. @param name Without `policylayer_`. */
export async function gaugeOf(adminUrl: string, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  return Number(new RegExp(`^policylayer_${name} (\\d+)`, "m").exec(text)?.[1]);
}

export function startLoad(): Promise<Working<LoadOrder, LoadReport>> {
  return startWorking("load.ts");
}

export function startCallers(): Promise<Working<CallersOrder, CallersReport>> {
  return startWorking("../soak/callers.ts");
}

async function startWorking<Order extends object, Report extends object>(
  file: string,
): Promise<Working<Order, Report>> {
  const child = start(file, []);
  await next(child);
  return {
    async run(order) {
      child.send(order);
      const answer = (await next(child)) as Report | { error: string };
      if ("error" in answer) throw new Error(answer.error);
      return answer;
    },
    stop: () => child.kill(),
  };
}

/** nginx as a reverse proxy with connections kept open to the upstream; null where it is not installed. */
export async function startNginx(
  upstream: string,
  scratch: string,
): Promise<{ url: string; pids(): number[]; stop(): void } | null> {
  try {
    execFileSync("nginx", ["-v"], { stdio: "ignore" });
  } catch {
    return null;
  }
  const port = await freePort();
  const folder = join(scratch, "nginx");
  await mkdir(folder, { recursive: true });
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  await writeFile(
    join(folder, "nginx.conf"),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; ${paths.join(" ")}
  upstream echo { server ${new URL(upstream).host}; keepalive 64; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://echo; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
  }
}
`,
  );
  const child = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: "ignore" });
  await sleep(500);
  return {
    url: `http://127.0.0.1:${port}`,
    pids: () => (child.pid === undefined ? [] : [child.pid, ...childrenOf(child.pid)]),
    stop: () => child.kill(),
  };
}

/** User and system time of these processes so far, all their threads together. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const [utime = 0, stime = 0] = statOf(pid).slice(11, 13).map(Number);
    return sum + (utime + stime) * tickMs;
  }, 0);
}

/** What of a process is in memory (VmRSS). */
export function memoryMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kb) / 1024;
}

const tickMs = 1_000 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** The fields of /proc/<pid>/stat from the third (state) on: the second may hold blanks. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(statOf(pid)[1]) === parent;
      } catch {
        return false; // it ended meanwhile
      }
    });
}

function start(file: string, args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: ["--import", "tsx"] });
}

function next(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}
