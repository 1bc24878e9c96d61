// HTTP by hand, for requests that no decent client sends: bytes out, and what came back taken apart.
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type WireAnswer = { status: number; headers: string[]; body: string };

/** Answers in the order they came, and how it ended. */
export type Heard = { answers: WireAnswer[]; ended: "closed" | "reset" | "waiting" };

/**
 * Sends bytes on a connection of its own, and listens until the other side closes it or is quiet for a while.
 *
 * @param expected How many answers are enough to stop listening.
 * @param silent Whether there may be no answer at all; if not, the first one is waited for however long it takes.
 */
export async function sendBytes(
  port: number,
  parts: readonly (Buffer | { waitMs: number })[],
  { expected = 1, silent = false, quietMs = 400, timeoutMs = 20_000 } = {},
): Promise<Heard> {
  const socket = net.connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  let bytes = Buffer.alloc(0);
  let ended: Heard["ended"] = "waiting";
  let heardAt = Date.now();
  const enough = new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      heardAt = Date.now();
      if (answersIn(bytes).length >= expected) resolve();
    });
    socket.on("error", () => {
      ended = "reset";
      resolve();
    });
    socket.on("close", () => {
      if (ended === "waiting") ended = "closed";
      resolve();
    });
  });
  const sending = (async () => {
    for (const part of parts) {
      if (socket.destroyed) return;
      if (!Buffer.isBuffer(part)) await sleep(part.waitMs);
      else if (!socket.write(part))
        await Promise.race([new Promise((drained) => socket.once("drain", drained)), enough]);
    }
    heardAt = Date.now();
  })();
  await Promise.race([enough, sending]);
  const deadline = Date.now() + timeoutMs;
  let isEnough = false;
  void enough.then(() => {
    isEnough = true;
  });
  const isQuiet = () => Date.now() - heardAt >= quietMs && (silent || answersIn(bytes).length > 0);
  while (!isEnough && Date.now() < deadline && !isQuiet()) await sleep(5);
  // One more look: a second answer, which nobody should get, would follow at once.
  await sleep(5);
  socket.destroy();
  return { answers: answersIn(bytes), ended };
}

/** The complete answers at the front of the bytes; one that only the end of the connection delimits counts as it is. */
export function answersIn(bytes: Buffer): WireAnswer[] {
  const answers: WireAnswer[] = [];
  let from = 0;
  for (;;) {
    const end = bytes.indexOf("\r\n\r\n", from);
    if (end === -1) return answers;
    const [line = "", ...headers] = bytes.toString("latin1", from, end).split("\r\n");
    const status = Number(line.split(" ")[1]);
    const headerOf = (name: string) =>
      headers
        .find((one) => one.toLowerCase().startsWith(`${name}:`))
        ?.split(":")[1]
        ?.trim();
    const start = end + 4;
    if (headerOf("transfer-encoding") === "chunked") {
      const read = chunks(bytes, start);
      if (read === null) return answers;
      answers.push({ status, headers, body: read.body });
      from = read.to;
    } else {
      const length = Number(headerOf("content-length") ?? 0);
      if (bytes.length < start + length) return answers;
      answers.push({ status, headers, body: bytes.toString("utf8", start, start + length) });
      from = start + length;
    }
  }
}

function chunks(bytes: Buffer, start: number): { body: string; to: number } | null {
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    const end = bytes.indexOf("\r\n", at);
    if (end === -1) return null;
    const size = Number.parseInt(bytes.toString("latin1", at, end), 16);
    const to = end + 2 + size + 2;
    if (bytes.length < to) return null;
    if (size === 0) return { body: Buffer.concat(parts).toString("utf8"), to };
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = to;
  }
}
