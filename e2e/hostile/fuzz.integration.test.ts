// Mutated sessions, for `FUZZ_SECONDS` (20), from `FUZZ_SEED` (another each time). Whatever arrives behind the gateway is read in
// every way there is, and in none of them may it be a call that the policy forbids.
import net from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Crime, openCanary } from "./canary.ts";
import { type Level, levels, mutate, mutateBytes, type Random, randomOf } from "./mutate.ts";
import { type Guarded, memoryMbMax, openStage, type Stage } from "./stage.ts";
import { answersIn, sendBytes, type WireAnswer } from "./wire.ts";

const seconds = Number(process.env.FUZZ_SECONDS || 20);
const seed = Number(process.env.FUZZ_SEED || Date.now() % 2 ** 31);
const workers = 6;

let stage: Stage;
let target: Guarded;
let session = "";

const modernVersion = "2026-07-28";
const _meta = {
  "io.modelcontextprotocol/protocolVersion": modernVersion,
  "io.modelcontextprotocol/clientCapabilities": {},
};
const about = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "fuzz", version: "1" } };
const messages: [method: string, params: object][] = [
  ["tools/call", { name: "echo", arguments: { text: "hello", list: [1, { a: "b" }] } }],
  ["tools/call", { name: "pay", arguments: { to: "alice", amount: 100 } }],
  ["tools/call", { name: "pay", arguments: { to: "mallory", amount: 1e9 } }],
  ["tools/call", { name: "read", arguments: { path: "/ok/file" } }],
  ["tools/call", { name: "drop", arguments: {} }],
  ["tools/list", {}],
  ["prompts/get", { name: "drop" }],
  ["resources/read", { uri: "file:///etc/passwd" }],
];

type Era = "legacy" | "modern";

function validMessage(era: Era, random: Random): Buffer {
  const [method, params] =
    era === "legacy" && random.chance(0.05) ? (["initialize", about] as const) : random.pick(messages);
  const all = era === "modern" ? { ...params, _meta } : params;
  return Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: random.below(1e6), method, params: all }));
}

/** The head of a request, and in the modern era headers that say what the last member of each name says, as an attacker would. */
function requestOf(era: Era, body: Buffer, random: Random): Buffer {
  const headers: [string, string][] = [
    ["Host", "localhost"],
    ["Authorization", `Bearer ${target.grant.token}`],
    ["Content-Type", "application/json"],
    ["Accept", "application/json, text/event-stream"],
  ];
  if (era === "legacy") {
    if (!body.includes('"initialize"')) headers.push(["Mcp-Session-Id", session]);
    headers.push(["MCP-Protocol-Version", "2025-11-25"]);
  } else {
    headers.push(["MCP-Protocol-Version", modernVersion], ...mirrored(body));
  }
  if (random.chance(0.02)) headers.splice(random.below(headers.length), 1);
  if (random.chance(0.02)) headers.push(random.pick(headers));
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = `POST ${target.grant.path} HTTP/1.1\r\n${lines}Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), body]);
}

function mirrored(body: Buffer): [string, string][] {
  let message: { method?: unknown; params?: { name?: unknown; uri?: unknown } };
  try {
    message = Object(JSON.parse(body.toString("utf8")));
  } catch {
    return [];
  }
  const out: [string, string][] = [];
  for (const [header, value] of [
    ["Mcp-Method", message.method],
    ["Mcp-Name", Object(message.params).name ?? Object(message.params).uri],
  ] as const) {
    if (typeof value !== "string") continue;
    const isPlain = /^[!-~]+$/.test(value);
    out.push([header, isPlain ? value : `=?base64?${Buffer.from(value).toString("base64")}?=`]);
  }
  return out;
}

type Line = { ask(request: Buffer): Promise<WireAnswer | null>; close(): void };

/** A connection that is used for one request after the other, and opened again when it ends. */
function openLine(port: number): Line {
  let socket: net.Socket | null = null;
  let heard: Buffer = Buffer.alloc(0);
  let settle: (answer: WireAnswer | null) => void = () => {};
  function connected(): net.Socket {
    if (socket !== null && !socket.destroyed) return socket;
    const opened = net.connect(port, "127.0.0.1");
    opened.on("data", (chunk) => {
      heard = heard.length === 0 ? chunk : Buffer.concat([heard, chunk]);
      const [answer] = answersIn(heard);
      if (answer) settle(answer);
    });
    opened.on("error", () => {});
    opened.on("close", () => {
      if (socket === opened) settle(null);
    });
    socket = opened;
    return opened;
  }
  return {
    ask(request) {
      heard = Buffer.alloc(0);
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          socket?.destroy();
          settle(null);
        }, 10_000);
        settle = (answer) => {
          clearTimeout(timer);
          settle = () => {};
          if (answer?.headers.some((header) => /^connection: close/i.test(header))) socket?.destroy();
          resolve(answer);
        };
        connected().write(request);
      });
    },
    close: () => void socket?.destroy(),
  };
}

const tried: Record<Level | "head", number> = { bytes: 0, tokens: 0, structure: 0, head: 0 };
const statuses = new Map<string, number>();

function noteStatus(status: number): void {
  const name = status === 0 ? "no answer" : String(status);
  statuses.set(name, (statuses.get(name) ?? 0) + 1);
}

/** One stream of mutations until the time is over; with its own random numbers, so that its order does not depend on the others. */
async function fuzz(worker: number, until: number): Promise<void> {
  const random = randomOf(seed + worker * 7_919);
  const line = openLine(stage.port);
  while (Date.now() < until && target.canary.crimes.length === 0) {
    const era = random.pick(["legacy", "modern"] as const);
    if (random.chance(0.01)) {
      // The HTTP itself, on a connection that may break.
      const request = mutateBytes(requestOf(era, validMessage(era, random), random), random);
      const { answers } = await sendBytes(stage.port, [request], { silent: true, quietMs: 60 });
      tried.head += 1;
      noteStatus(answers[0]?.status ?? 0);
      continue;
    }
    const level = random.pick(levels);
    let body = mutate(validMessage(era, random), level, random);
    if (random.chance(0.2)) body = mutate(body, random.pick(levels), random);
    const answer = await line.ask(requestOf(era, body, random));
    tried[level] += 1;
    noteStatus(answer?.status ?? 0);
  }
  line.close();
}

function shown({ arrival, crimes }: Crime): string {
  const headers = arrival.headers.map(([name, value]) => `${name}: ${value}`).join("\n");
  return `${crimes.join("; ")}\n${arrival.line}\n${headers}\n\n${arrival.body}\n(base64 ${arrival.body.toString("base64")})`;
}

beforeAll(async () => {
  stage = await openStage();
  target = await stage.guard();
  const initialize = { jsonrpc: "2.0", id: 1, method: "initialize", params: about };
  const answer = await fetch(`${stage.gateway.url}${target.grant.path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${target.grant.token}`, "content-type": "application/json" },
    body: JSON.stringify(initialize),
  });
  session = answer.headers.get("mcp-session-id") ?? "";
});

afterAll(async () => {
  await stage?.close();
});

it("finds forbidden calls at once where no gateway stands in between", async () => {
  const unguarded = await openCanary();
  const random = randomOf(seed);
  const line = openLine(Number(new URL(unguarded.url).port));
  const count = 1_500;
  for (let i = 0; i < count; i += 1) {
    const body = mutate(validMessage("legacy", random), random.pick(levels), random);
    await line.ask(requestOf("legacy", body, random).subarray());
  }
  line.close();
  unguarded.close();
  const calls = unguarded.crimes.filter(({ crimes }) => crimes.some((crime) => crime.startsWith("a forbidden call")));
  console.log(`fuzzer, straight to a server: ${count} tried, ${calls.length} forbidden calls`);
  expect(calls.length).toBeGreaterThan(100);
});

it(
  `lets nothing forbidden through in ${seconds} s of mutations (FUZZ_SEED=${seed})`,
  async () => {
    const from = Date.now();
    await Promise.all(Array.from({ length: workers }, (_, worker) => fuzz(worker, from + seconds * 1_000)));
    const took = (Date.now() - from) / 1_000;
    const total = Object.values(tried).reduce((sum, count) => sum + count, 0);
    const { canary } = target;
    const by = Object.entries(tried).map(([level, count]) => `${level} ${count}`);
    const answered = [...statuses].sort().map(([status, count]) => `${status}: ${count}`);
    const alive = await stage.isAlive();
    console.log(
      `fuzzer, seed ${seed}: ${total} tried in ${took.toFixed(1)} s (${by.join(", ")}), answers ${answered.join(", ")}\n` +
        `arrived ${canary.count}, forbidden arrivals ${canary.crimes.length}, gateway alive ${alive}, peak RSS ${stage.memory.peakMb()} MB`,
    );
    expect(canary.crimes.map(shown)).toEqual([]);
    expect(alive).toBe(true);
    expect(statuses.get("500") ?? 0).toBe(0);
    expect(stage.gateway.output()).not.toMatch(/a request failed|uncaught|unhandled/i);
    expect(stage.memory.peakMb()).toBeLessThan(memoryMbMax);
    expect(canary.count).toBeGreaterThan(total / 50); // the valid ones do go through
    expect(total).toBeGreaterThan(500);
  },
  (seconds + 60) * 1_000,
);
