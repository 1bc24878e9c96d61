// A real Valkey (or Redis) for tests: started, killed and started again on what it wrote.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../prisma/free-port.ts";

export type RunningValkey = {
  url: string;
  port: number;
  dir: string;
  kill9(): Promise<void>;
};

/**
 * Starts one that writes down each change before it answers. Pass `port` and `dir` of an earlier one to go on with its data.
 *
 * @throws Error when neither valkey-server nor redis-server is installed.
 */
export async function startValkey(options: { port?: number; dir?: string } = {}): Promise<RunningValkey> {
  const port = options.port ?? (await freePort());
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "policylayer-valkey-")));
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", ""];
  const child = spawn(program(), [...args, "--appendonly", "yes", "--appendfsync", "always"], { stdio: "ignore" });
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`the counter store ended with ${child.exitCode}`);
    await sleep(20);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    kill9: () => kill(child),
  };
}

function program(): string {
  for (const name of ["valkey-server", "redis-server"]) {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return name;
    } catch {
      // the other one, then
    }
  }
  throw new Error("These tests need valkey-server or redis-server (Debian: apt-get install redis-server).");
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString().startsWith("+PONG"));
    });
    socket.once("error", () => resolve(false));
  });
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
