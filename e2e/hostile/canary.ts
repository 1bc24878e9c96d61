// A server that writes down the very bytes it gets, with an HTTP reader of its own, and answers whatever it is asked. What it
// was sent is judged at once.
import net from "node:net";
import { type Arrival, crimesOf } from "./law.ts";

export type Crime = { arrival: Arrival; crimes: string[] };

export type Canary = {
  url: string;
  arrivals: Arrival[];
  /** The forbidden ones among all that ever arrived. */
  crimes: Crime[];
  /** How many arrived, also when `arrivals` was emptied since. */
  count: number;
  close(): void;
};

export type Answer =
  | { status?: number; headers?: Record<string, string>; body?: string; say?: undefined }
  /** Writes whatever it wants. */
  | { say: (socket: net.Socket) => void };
const session = "upstream-session";

/** @param answer What to say instead of the ordinary; undefined for the ordinary. */
export async function openCanary(answer: (arrival: Arrival) => Answer | undefined = () => undefined): Promise<Canary> {
  const sockets = new Set<net.Socket>();
  const canary: Canary = { url: "", arrivals: [], crimes: [], count: 0, close };
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let pending: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      for (;;) {
        const read = readRequest(pending);
        if (read === null) return;
        pending = read.rest;
        const { arrival } = read;
        canary.count += 1;
        if (canary.arrivals.length < 1_000) canary.arrivals.push(arrival);
        const crimes = crimesOf(arrival);
        if (crimes.length > 0) canary.crimes.push({ arrival, crimes });
        const given = answer(arrival) ?? ordinary(arrival);
        if (given.say) given.say(socket);
        else socket.write(written(given));
      }
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  canary.url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/mcp`;
  return canary;

  function close(): void {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** One request from the front of the bytes; null while it is not complete. */
function readRequest(bytes: Buffer): { arrival: Arrival; rest: Buffer } | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const head = bytes.toString("latin1", 0, end);
  const [line = "", ...fields] = head.split("\r\n");
  const faults: string[] = [];
  if (/[\r\n\0]/.test(head.replaceAll("\r\n", ""))) faults.push("a lone CR, LF or NUL in the head");
  if (!/^(GET|POST|DELETE) \/mcp HTTP\/1\.1$/.test(line)) faults.push(`request line ${line}`);
  const headers = fields.map((field): [string, string] => {
    const colon = field.indexOf(":");
    if (colon < 1 || /\s/.test(field.slice(0, colon))) faults.push(`header line ${field}`);
    return [field.slice(0, colon), field.slice(colon + 1).trim()];
  });
  const lengths = headers.filter(([name]) => name.toLowerCase() === "content-length").map(([, value]) => value);
  if (headers.some(([name]) => name.toLowerCase() === "transfer-encoding")) faults.push("transfer-encoding");
  if (lengths.length > 1 || !lengths.every((length) => /^\d+$/.test(length))) faults.push(`lengths ${lengths.join()}`);
  const from = end + 4;
  const to = from + Number(lengths[0] ?? 0);
  if (bytes.length < to) return null;
  return { arrival: { line, headers, body: bytes.subarray(from, to), faults }, rest: bytes.subarray(to) };
}

const json = { "content-type": "application/json" };

function ordinary({ line, body }: Arrival): Answer {
  if (line.startsWith("DELETE")) return {};
  if (line.startsWith("GET")) {
    const data = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"hello"}}';
    return { headers: { "content-type": "text/event-stream" }, body: `id: e1\ndata: ${data}\n\n` };
  }
  let message: { id?: unknown; method?: unknown; params?: { protocolVersion?: unknown; _meta?: unknown } };
  try {
    message = JSON.parse(body.toString("utf8"));
  } catch {
    return { status: 400, headers: json, body: "{}" };
  }
  if (message?.id === undefined || message.method === undefined) return { status: 202 };
  const says = (result: object): string => JSON.stringify({ jsonrpc: "2.0", id: message.id, result });
  if (message.method === "initialize") {
    const protocolVersion = message.params?.protocolVersion ?? "2025-11-25";
    const about = { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "canary", version: "1" } };
    return { headers: { ...json, "mcp-session-id": session }, body: says(about) };
  }
  if (message.method === "server/discover") {
    const about = { supportedVersions: ["2026-07-28"], capabilities: { tools: {} }, ttlMs: 0, cacheScope: "private" };
    return { headers: json, body: says({ resultType: "complete", ...about }) };
  }
  if (message.method === "tools/list") {
    const names = ["echo", "pay", "read", "drop", "secret"];
    const cache = { resultType: "complete", ttlMs: 0, cacheScope: "private" };
    return {
      headers: json,
      body: says({ ...cache, tools: names.map((name) => ({ name, inputSchema: { type: "object" } })) }),
    };
  }
  return { headers: json, body: says({ resultType: "complete", content: [{ type: "text", text: "done" }] }) };
}

function written({
  status = 200,
  headers = {},
  body = "",
}: Exclude<Answer, { say: (socket: net.Socket) => void }>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Canary\r\n${lines.join("")}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
