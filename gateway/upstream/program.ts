// One run of a stdio server's program: started without a shell, in a clean environment, a folder and a process group of its own.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { forgetProgram, signalGroup, traceProgram } from "./leftovers.ts";
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

export function startProgram(
  server: UpstreamServer,
  dataDir: string,
  hooks: ProgramHooks,
  limits: ProgramLimits = programLimits,
): Program {
  const home = join(dataDir, "stdio", server.id);
  const stderr = keepTail(limits.stderrBytesMax);
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
    settleEnd();
    hooks.onEnd(describeEnd(server, failure, code, signal, stderr.text()));
  }

  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    child = spawn(server.command ?? "", server.args ?? [], {
      cwd: home,
      env: environmentOf(server, home) as NodeJS.ProcessEnv,
      detached: true,
      shell: false,
      windowsHide: true,
    });
  } catch (cause) {
    // A folder that cannot be made, an empty command or a NUL in an argument is told here; a missing program is an event.
    failure = cause as NodeJS.ErrnoException;
    queueMicrotask(() => finish(null, null));
    // What is written meanwhile is answered by that end.
    return { write: () => true, end: () => ended, stderrTail: () => "", kill() {} };
  }
  const pid = child.pid;
  if (pid !== undefined) traceProgram(dataDir, pid);

  child.stdout.on("data", splitLines(limits.lineBytesMax, hooks.onLine, hooks.onTooLong));
  child.stderr.on("data", stderr.add);
  child.stdin.on("error", () => {}); // it closed its input or died; the latter is told by its end
  child.on("error", (cause) => {
    failure = cause;
    if (pid === undefined) finish(null, null);
  });
  child.on("exit", (code, signal) => {
    // Whatever it started ends with it, and so nothing holds its output open.
    if (pid !== undefined) signalGroup(pid, "SIGKILL");
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

/** Nothing of ours: a program that an owner names must not read our database's address or our keys. */
function environmentOf(server: UpstreamServer, home: string): Record<string, string> {
  return { PATH: process.env.PATH ?? "/usr/bin:/bin", HOME: home, LANG: process.env.LANG ?? "C.UTF-8", ...server.env };
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
  const how = signal ? `was ended by ${signal}` : `ended with code ${code ?? "unknown"}`;
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

function withoutSecrets(text: string, env: Record<string, string>): string {
  // Longest first, so that no value is left in part because a shorter one is contained in it.
  const values = Object.values(env).filter((value) => value.length >= 4);
  values.sort((a, b) => b.length - a.length);
  return values.reduce((clean, value) => clean.replaceAll(value, "[hidden]"), text);
}

function keepTail(bytesMax: number): { add(chunk: Buffer): void; text(): string } {
  let chunks: Buffer[] = [];
  let length = 0;
  return {
    add(chunk) {
      chunks.push(chunk.length > bytesMax ? Buffer.from(chunk.subarray(-bytesMax)) : chunk);
      length += chunk.length;
      if (length <= 2 * bytesMax) return;
      chunks = [Buffer.concat(chunks).subarray(-bytesMax)];
      length = bytesMax;
    },
    text: () => Buffer.concat(chunks).subarray(-bytesMax).toString("utf8"),
  };
}
