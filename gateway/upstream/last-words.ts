// What a command writes to stderr: the end of it for whoever asks why it ended, and its lines for the log, never with a secret.
import type { Log } from "../log.ts";
import { splitLines } from "./lines.ts";
import type { UpstreamServer } from "./upstream.ts";

const lineBytesMax = 16 * 1024;
const lineLengthShown = 1_000;
/** So many lines in each window; how many more there were is said once. */
const linesMax = 50;
const windowMs = 10_000;

/** Takes what a command writes to stderr and puts it into the log, line by line. */
export function logLines(
  log: Log,
  server: Pick<UpstreamServer, "id" | "env">,
  now = Date.now,
): (chunk: Buffer) => void {
  let windowEnd = 0;
  let lines = 0;
  let leftOut = 0;

  function onLine(line: string): void {
    if (now() >= windowEnd) {
      if (leftOut > 0) log.warn({ server: server.id, leftOut }, "a command wrote more to stderr than is logged");
      windowEnd = now() + windowMs;
      lines = 0;
      leftOut = 0;
    }
    lines += 1;
    if (lines > linesMax) {
      leftOut += 1;
      return;
    }
    const said = withoutSecrets(line, server.env ?? {}).slice(0, lineLengthShown);
    log.info({ server: server.id, stderr: said }, "a command wrote to stderr");
  }

  return splitLines(lineBytesMax, onLine, () => onLine("(a line that is too long)"));
}

/** @returns the text without the values of the environment, in whole or line by line. */
export function withoutSecrets(text: string, env: Record<string, string>): string {
  // Longest first, so that no value is left in part because a shorter one is contained in it.
  const values = Object.values(env)
    .flatMap((value) => [value, ...value.split(/\r?\n/)])
    .filter((value) => value.length >= 4);
  values.sort((a, b) => b.length - a.length);
  return values.reduce((clean, value) => clean.replaceAll(value, "[hidden]"), text);
}

export function keepTail(bytesMax: number): { add(chunk: Buffer): void; text(): string } {
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
