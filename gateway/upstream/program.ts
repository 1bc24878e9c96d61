// One run of a stdio server's program: in a clean environment, a folder and a process group of its own, apart from us (launch.ts).
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rm } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Log } from "../log.ts";
import { keepTail, logLines, withoutSecrets } from "./last-words.ts";
import { type Apartness, apartnessOf, type CommandUser, findProgram, launchOf, mayRun } from "./launch.ts";
import { endStrays, forgetProgram, signalGroup, traceProgram } from "./leftovers.ts";
import { splitLines } from "./lines.ts";
import type { UpstreamServer, UpstreamTrouble, UpstreamTroubleCode } from "./upstream.ts";

export type ProgramEnd = {
  code: UpstreamTroubleCode;
  /** For the server's owner; may hold the last lines of stderr, without the values of its environment. */
  message: string;
};

export type Program = {
  /** @returns `false` when the program does not read what it was sent before, or has ended. */
  write(line: string): boolean;
  /** Asks the whole group to end, and makes it end two seconds later. Resolves when the program is gone. */
  end(): Promise<void>;
  /** The end of what it wrote to stderr. */
  stderrTail(): string;
  /** Ends the group at once, for the last moment of our own process. */
  kill(): void;
};

export type ProgramHooks = {
  onLine(line: string): void;
  /** A line was longer than `lineBytesMax` and was thrown away. */
  onTooLong(): void;
  /** A line did not arrive, or was refused on arrival; told only where that can be known. */
  onLost(line: string, trouble: UpstreamTrouble): void;
  /** Called once, after the last line. */
  onEnd(end: ProgramEnd): void;
};

export type ProgramLimits = {
  lineBytesMax: number;
  stderrBytesMax: number;
  unreadBytesMax: number;
  killAfterMs: number;
};

export const programLimits: ProgramLimits = {
  lineBytesMax: 4 * 1024 * 1024,
  stderrBytesMax: 64 * 1024,
  unreadBytesMax: 16 * 1024 * 1024,
  killAfterMs: 2_000,
};

export type ProgramPlace = {
  dataDir: string;
  user: CommandUser;
  log: Log;
  /** What is asked of the machine; found out when left out. */
  apartness?: Apartness;
};

export function startProgram(
  server: UpstreamServer,
  place: ProgramPlace,
  hooks: ProgramHooks,
  limits: ProgramLimits = programLimits,
): Program {
  const dataDir = resolve(place.dataDir);
  const stderr = keepTail(limits.stderrBytesMax);
  let temporary: string | null = null;
  let isApart = false;
  let failure: NodeJS.ErrnoException | null = null;
  let hasEnded = false;
  let child: ChildProcessWithoutNullStreams;
  let settleEnd: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    settleEnd = resolve;
  });

  function finish(code: number | null, signal: string | null): void {
    if (hasEnded) return;
    hasEnded = true;
    if (child?.pid !== undefined) forgetProgram(dataDir, child.pid);
    if (temporary !== null) rm(temporary, { recursive: true, force: true }, () => {});
    settleEnd();
    hooks.onEnd(describeEnd(server, failure, code, signal, stderr.text()));
  }

  try {
    temporary = mkdtempSync(join(tmpdir(), "policylayer-"));
    const places = makePlaces(dataDir, temporary, server.id, place.user);
    const apartness = place.apartness ?? apartnessOf(place.user, places, place.log);
    isApart = apartness === "namespaces";
    const home = isApart ? places.seenHome : places.keptHome;
    const env = { ...environmentOf(home, places.temporary), ...server.env };
    const program = findProgram(server.command ?? "", env.PATH ?? "", places.work);
    if (program === null) throw Object.assign(new Error("no such program"), { code: "ENOENT" });
    if (!mayRun(program)) throw Object.assign(new Error("not executable"), { code: "EACCES" });
    const { file, args } = launchOf(apartness, place.user, places, program, server.args ?? []);
    child = spawn(file, args, {
      cwd: places.work,
      env: env as NodeJS.ProcessEnv,
      detached: true,
      shell: false,
      windowsHide: true,
      ...place.user,
    });
  } catch (cause) {
    // A folder that cannot be made, an empty command or a NUL in an argument is told here; a missing program is an event.
    failure = cause as NodeJS.ErrnoException;
    queueMicrotask(() => finish(null, null));
    // What is written meanwhile is answered by that end.
    return { write: () => true, end: () => ended, stderrTail: () => "", kill() {} };
  }
  const pid = child.pid;
  if (pid !== undefined) traceProgram(dataDir, pid, temporary);

  child.stdout.on("data", splitLines(limits.lineBytesMax, hooks.onLine, hooks.onTooLong));
  child.stderr.on("data", stderr.add);
  child.stderr.on("data", logLines(place.log, server));
  child.stdin.on("error", () => {}); // it closed its input or died; the latter is told by its end
  child.on("error", (cause) => {
    failure = cause;
    if (pid === undefined) finish(null, null);
  });
  child.on("exit", (code, signal) => {
    // Whatever it started ends with it, and so nothing holds its output open.
    if (pid !== undefined) signalGroup(pid, "SIGKILL");
    if (!isApart && temporary !== null) endStrays(temporary);
    setTimeout(() => finish(code, signal), 500).unref();
  });
  child.on("close", finish);

  return {
    write(line) {
      const { destroyed, writableEnded, writableLength } = child.stdin;
      if (hasEnded || destroyed || writableEnded || writableLength > limits.unreadBytesMax) return false;
      child.stdin.write(`${line}\n`);
      return true;
    },
    end() {
      if (hasEnded || pid === undefined) return ended;
      child.stdin.end();
      signalGroup(pid, "SIGTERM");
      const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), limits.killAfterMs);
      return ended.finally(() => clearTimeout(timer));
    },
    stderrTail: () => stderr.text(),
    kill() {
      if (!hasEnded && pid !== undefined) signalGroup(pid, "SIGKILL");
    },
  };
}

/** Where a command works and keeps its things: `work` and `temporary` are this run's, `keptHome` is the server's. */
function makePlaces(dataDir: string, run: string, serverId: string, user: CommandUser) {
  const [work, temporary, seenHome] = ["work", "tmp", "home"].map((name) => join(run, name)) as [
    string,
    string,
    string,
  ];
  const keptHome = join(dataDir, "stdio", serverId);
  // Another user has to come through, and need not look.
  mkdirSync(join(dataDir, "stdio"), { recursive: true, mode: 0o711 });
  for (const dir of [work, temporary, seenHome, keptHome]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (user !== null) for (const dir of [run, work, temporary, seenHome, keptHome]) chownSync(dir, user.uid, user.gid);
  return { dataDir, work, temporary, seenHome, keptHome };
}

/** Nothing of ours: a program that an owner names must not read our database's address or our keys. */
function environmentOf(home: string, temporary: string): Record<string, string> {
  const { PATH = "/usr/bin:/bin", LANG = "C.UTF-8" } = process.env;
  return { PATH, HOME: home, TMPDIR: temporary, LANG };
}

function describeEnd(
  server: UpstreamServer,
  failure: NodeJS.ErrnoException | null,
  code: number | null,
  signal: string | null,
  stderr: string,
): ProgramEnd {
  if (failure?.code === "ENOENT") {
    return { code: "command_not_found", message: `There is no program \`${server.command}\` on this machine.` };
  }
  if (failure?.code === "EACCES") {
    return { code: "command_not_found", message: `\`${server.command}\` may not be run on this machine.` };
  }
  if (failure) {
    return {
      code: "command_not_found",
      message: `\`${server.command}\` could not be started (${failure.code ?? "no code"}).`,
    };
  }
  const ending = signal ?? signalIn(code);
  const how = ending ? `was ended by ${ending}` : `ended with code ${code ?? "unknown"}`;
  // Before the cut, because half a secret would not be found.
  const last = lastLines(withoutSecrets(stderr, server.env ?? {}), 2_000);
  return { code: "command_exited", message: `\`${server.command}\` ${how}.${last && ` It said last:\n${last}`}` };
}

/** The last whole lines that fit, so that a message does not begin in the middle of one. */
function lastLines(text: string, lengthMax: number): string {
  const trimmed = text.trim();
  if (trimmed.length <= lengthMax) return trimmed;
  const cut = trimmed.slice(-lengthMax);
  return cut.slice(cut.indexOf("\n") + 1);
}

/** What waits for the command tells of a signal by the code that shells use. */
function signalIn(code: number | null): string | null {
  if (code === null || code <= 128) return null;
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0] ?? null;
}
