// Runs a stranger's program with no network, nothing of ours in sight, nothing it writes kept, and nothing of it left afterwards.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Isolation } from "../../catalog/harvest.ts";
import { type CommandUser, findProgram } from "../upstream/launch.ts";
import { sandboxScript, seen } from "./sandbox-script.ts";
import {
  interfacesOf,
  isCutOff,
  memoryOf,
  networkNamespaceOf,
  processesIn,
  processNamespaceOf,
} from "./sandbox-watch.ts";

export type SandboxLimits = {
  /** Of all processes together. */
  memoryMaxBytes: number;
  /** What it may write; kept in memory and thrown away. */
  filesMaxBytes: number;
  processesMax: number;
  timeMaxMs: number;
};

export type SandboxedCommand = {
  /** Seen as `/package`, read only. */
  folder: string;
  /** An empty folder that the sandbox may use; nothing is written into it. */
  mountPoint: string;
  /** A path as it is seen from inside. */
  program: string;
  args: readonly string[];
  /** Besides PATH, HOME, TMPDIR and LANG. */
  env: Record<string, string>;
};

export type SandboxEnd =
  /** Nothing was started. */
  | { kind: "not_isolated"; message: string }
  | { kind: "exited"; code: number }
  | { kind: "out_of_memory" | "timed_out" | "ended" };

export type Sandbox = {
  /** Leads a process group of its own. */
  pid: number | undefined;
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Told once, when the program is over for whatever reason. Processes may be left until `end`. */
  over: Promise<SandboxEnd>;
  /** Ends everything, and says what held. */
  end(): Promise<Isolation>;
};

const path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
const systemPaths = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
const systemFiles = ["/etc/ld.so.cache", "/etc/nsswitch.conf", "/etc/localtime", "/etc/alternatives"];
const watchEveryMs = 200;
const endWithinMs = 3_000;

/** Starts the command. Never throws: what goes wrong is told by `over`. */
export function startSandbox(command: SandboxedCommand, user: CommandUser, limits: SandboxLimits): Sandbox {
  const began = Date.now();
  const child = launch(command, user, limits);
  const [stdin, stdout, stderr, control, status] = child.stdio as [Writable, Readable, Readable, Writable, Readable];
  for (const stream of [stdin, control]) stream.on("error", () => {}); // it is gone, which its end tells
  let namespace: string | null = null;
  let interfaces: Isolation["interfaces"] | null = null;
  let settle: (end: SandboxEnd) => void = () => {};
  let isOver = false;
  const over = new Promise<SandboxEnd>((resolve) => {
    settle = (end) => {
      if (isOver) return;
      isOver = true;
      clearInterval(watch);
      clearTimeout(timer);
      look();
      resolve(end);
    };
  });
  const exited = new Promise<void>((resolve) => {
    child.once("error", (cause: NodeJS.ErrnoException) => {
      settle({ kind: "not_isolated", message: cause.code ?? cause.message });
      resolve();
    });
    child.once("exit", () => resolve());
  });
  const isUp = () => namespace !== null;
  let complaint = "";
  stderr.on("data", (chunk: Buffer) => {
    if (!isUp()) complaint = (complaint + chunk.toString("utf8")).slice(-500);
  });

  function look(): void {
    // The last look counts that found something: afterwards the namespace is gone.
    if (child.pid !== undefined) interfaces = interfacesOf(child.pid) ?? interfaces;
  }

  /** Only now is there anything to lose: the program is not started before we have seen for ourselves. */
  function letGo(): void {
    const pid = child.pid ?? 0;
    const own = networkNamespaceOf("self");
    look();
    if (own === null || networkNamespaceOf(pid) === own || networkNamespaceOf(pid) === null || !isCutOff(interfaces)) {
      settle({ kind: "not_isolated", message: "the network is still there" });
      return;
    }
    namespace = processNamespaceOf(pid);
    if (namespace === null) settle({ kind: "not_isolated", message: "its processes cannot be told from others" });
    else control.write("go\n");
  }

  let told = "";
  status.on("data", (chunk: Buffer) => {
    told += chunk.toString("latin1");
    for (let end = told.indexOf("\n"); end >= 0; end = told.indexOf("\n")) {
      const word = told.slice(0, end);
      told = told.slice(end + 1);
      if (word === "up") letGo();
      else settle({ kind: "exited", code: Number(word) });
    }
  });
  void exited.then(() => settle(isUp() ? { kind: "ended" } : { kind: "not_isolated", message: complaint.trim() }));
  const timer = setTimeout(() => settle({ kind: "timed_out" }), limits.timeMaxMs);
  const watch = setInterval(() => {
    if (namespace !== null && memoryOf(processesIn(namespace)) > limits.memoryMaxBytes) {
      settle({ kind: "out_of_memory" });
      kill(child);
    }
  }, watchEveryMs);

  return {
    pid: child.pid,
    stdin,
    stdout,
    stderr,
    over,
    async end() {
      settle({ kind: "ended" });
      control.destroy();
      await Promise.race([exited, sleep(endWithinMs / 2)]);
      kill(child);
      await Promise.race([exited, sleep(endWithinMs / 2)]);
      for (const stream of child.stdio) stream?.destroy();
      const survivors = namespace === null ? 0 : await survivorsIn(namespace);
      return {
        network: "none",
        interfaces: interfaces ?? [],
        memoryMaxBytes: limits.memoryMaxBytes,
        timeMaxMs: limits.timeMaxMs,
        processesMax: limits.processesMax,
        ranMs: Date.now() - began,
        survivors,
      };
    },
  };
}

function launch(command: SandboxedCommand, user: CommandUser, limits: SandboxLimits): ChildProcess {
  const node = realpathSync(process.execPath);
  // Node may lie anywhere, also in somebody's home: of its folder nothing else is shown.
  const isShown = systemPaths.some((shown) => node.startsWith(`${shown}/`));
  const unshare = findProgram("unshare", path, "/") ?? "/usr/bin/unshare";
  const namespaces = [
    "--user",
    "--map-root-user",
    "--mount",
    "--net",
    "--pid",
    "--ipc",
    "--uts",
    "--fork",
    "--kill-child",
  ];
  const given = [
    command.mountPoint,
    command.folder,
    limits.filesMaxBytes,
    limits.processesMax,
    Math.ceil(limits.timeMaxMs / 1_000),
    // Above the limit of all together, which is watched and has a name when it is reached.
    Math.ceil((2 * limits.memoryMaxBytes) / 1_024),
  ].map(String);
  return spawn(
    unshare,
    [
      ...[...namespaces, "--", "/bin/sh", "-c", sandboxScript, "harvest", ...given],
      ...[...systemPaths, ...systemFiles, ...(isShown ? [] : [node]), "--", command.program, ...command.args],
    ],
    {
      cwd: "/",
      // Nothing of our own environment: PATH is for the script too, and cannot be set by the caller.
      env: {
        ...{ HOME: seen.home, TMPDIR: seen.temporary, LANG: "C.UTF-8" },
        ...command.env,
        PATH: `${dirname(node)}:${path}`,
      } as unknown as NodeJS.ProcessEnv,
      stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
      detached: true,
      ...user,
    },
  );
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended this moment.
  }
}

/** The kernel ends a namespace with its process 1, which takes a moment where memory has to be given back. */
async function survivorsIn(namespace: string): Promise<number> {
  const deadline = Date.now() + endWithinMs;
  for (;;) {
    const left = processesIn(namespace).length;
    if (left === 0 || Date.now() > deadline) return left;
    await sleep(20);
  }
}

const probed = new Map<string, Promise<string | null>>();

/** Null when programs can be cut off on this machine, else why not. Found out once, by doing it. */
export function whyNotIsolated(user: CommandUser, folder: string): Promise<string | null> {
  const key = JSON.stringify(user);
  const known = probed.get(key) ?? probe(user, folder);
  probed.set(key, known);
  return known;
}

async function probe(user: CommandUser, folder: string): Promise<string | null> {
  if (process.platform !== "linux") return `it runs ${process.platform}, not Linux`;
  const mountPoint = join(folder, "root");
  mkdirSync(mountPoint, { recursive: true });
  const limits = { memoryMaxBytes: 2 ** 30, filesMaxBytes: 2 ** 20, processesMax: 64, timeMaxMs: 10_000 };
  const command = { folder, mountPoint, program: "node", args: ["-e", "process.exit(42)"], env: {} };
  const sandbox = startSandbox(command, user, limits);
  sandbox.stdout.resume();
  const end = await sandbox.over;
  await sandbox.end();
  if (end.kind === "exited" && end.code === 42) return null;
  return end.kind === "not_isolated" ? end.message : `a program ${end.kind} there`;
}
