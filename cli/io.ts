import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { type Line, linesOf } from "./lines.ts";

/** What the command knows of the world outside; a test brings its own. */
export type Io = {
  /** The text of a file; `-` is the standard input. Never rejects. */
  read: (file: string) => Promise<{ ok: true; text: string } | { ok: false; message: string }>;
  /** The lines of a file of any size, one after another; instead of a line, why it cannot be read on. Never rejects. */
  lines: (file: string) => AsyncIterable<Line>;
  /** A sentence on what went wrong, or null. */
  write: (file: string, text: string) => Promise<string | null>;
  /** A promise when the reader is slower than we are. */
  out: (text: string) => Promise<void> | void;
  err: (text: string) => void;
  /** Whether colours are wanted there. */
  colours: { out: boolean; err: boolean };
};

/** More than any policy or list of tools; a device that never ends is no file to wait for. */
const bytesMax = 64 * 1024 * 1024;

/** The world of a real process. */
export function processIo(): Io {
  const isColourful = (stream: NodeJS.WriteStream) =>
    stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
  // A reader such as `head` may have seen enough.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  return {
    read: async (file) => {
      try {
        return textOf(file === "-" ? await standardInput() : await readFile(file));
      } catch (cause) {
        return { ok: false, message: reasonOf(cause) };
      }
    },
    lines: (file) => linesOf(file === "-" ? process.stdin : createReadStream(file), reasonOf),
    write: async (file, text) => {
      try {
        await writeFile(file, text);
        return null;
      } catch (cause) {
        return reasonOf(cause);
      }
    },
    out: (text) => (process.stdout.write(text) || !process.stdout.writable ? undefined : drained(process.stdout)),
    err: (text) => process.stderr.write(text),
    colours: { out: isColourful(process.stdout), err: isColourful(process.stderr) },
  };
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > bytesMax) break;
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Buffer): Awaited<ReturnType<Io["read"]>> {
  if (bytes.length > bytesMax) return { ok: false, message: `it is larger than ${bytesMax / 1024 / 1024} MiB` };
  try {
    // The mark stays, so that the parser can say what is wrong with it.
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { ok: false, message: "it is not UTF-8 text" };
  }
}

const reasons: Record<string, string> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is no folder",
  EISDIR: "it is a folder",
  EACCES: "you may not open it",
  EPERM: "you may not open it",
};

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return (code !== undefined && reasons[code]) || message;
}
