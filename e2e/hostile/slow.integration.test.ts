// Connections that are held open and hardly speak. They may not keep others from being served, and do not last for ever.
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Guarded, memoryMbMax, openStage, type Stage } from "./stage.ts";

const perKind = 200;

let stage: Stage;
let target: Guarded;
const sockets: net.Socket[] = [];

beforeAll(async () => {
  stage = await openStage();
  target = await stage.guard();
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await stage?.close();
});

type Held = { isOpen(): boolean };

/** Says the beginning, and then a little more every now and then. */
function hold(beginning: string, more: string): Held {
  const socket = net.connect(stage.port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  socket.write(beginning);
  const timer = setInterval(() => socket.write(more), 1_000);
  socket.on("close", () => clearInterval(timer));
  socket.resume();
  return { isOpen: () => !socket.destroyed };
}

async function timedCall(): Promise<number> {
  const from = performance.now();
  const response = await fetch(`${stage.gateway.url}${target.grant.path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${target.grant.token}`, "content-type": "application/json" },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{}}}',
  });
  expect(await response.text()).toContain("done");
  return performance.now() - from;
}

it("serves others while hundreds of connections hardly speak, and ends those", async () => {
  const { path, token } = target.grant;
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\n`;
  const whole = `${head}Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const kinds: Record<string, Held[]> = {
    "a head that grows by a header a second": many(() => hold(head, "X-A: b\r\n")),
    "a body that grows by a byte a second": many(() => hold(`${whole}Content-Length: 4000000\r\n\r\n`, " ")),
    "chunks of a byte a second": many(() => hold(`${whole}Transfer-Encoding: chunked\r\n\r\n`, "1\r\n \r\n")),
    "a megabyte of body without a token, and a byte a second": many(() =>
      hold(`${head}Content-Length: 4000000\r\n\r\n${" ".repeat(10_000)}`, " "),
    ),
  };
  await sleep(1_000);
  const times: number[] = [];
  for (let i = 0; i < 20; i += 1) times.push(await timedCall());
  const slowest = Math.max(...times);
  const from = Date.now();
  const held = Object.values(kinds).flat();
  while (held.some((one) => one.isOpen()) && Date.now() - from < 120_000) await sleep(500);
  const seconds = Math.round((Date.now() - from) / 1_000);
  const left = Object.entries(kinds).map(([name, all]) => `${name}: ${all.filter((one) => one.isOpen()).length} left`);
  console.log(
    `\nslow: ${held.length} connections, a call beside them took ${slowest.toFixed(0)} ms at most; after ${seconds} s ` +
      `${left.join(", ")}; forbidden arrivals ${target.canary.crimes.length}, peak RSS ${stage.memory.peakMb()} MB\n`,
  );
  expect(slowest).toBeLessThan(5_000);
  expect(held.filter((one) => one.isOpen())).toEqual([]);
  expect(target.canary.crimes).toEqual([]);
  expect(target.canary.count).toBe(20);
  expect(await stage.isAlive()).toBe(true);
  expect(stage.memory.peakMb()).toBeLessThan(memoryMbMax);
}, 150_000);

function many(open: () => Held): Held[] {
  return Array.from({ length: perKind }, open);
}
