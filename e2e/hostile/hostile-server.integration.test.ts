// A server that lies in every layer, with real clients and a bare one in front of the gateway.
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clients, type McpClient } from "../harness/clients.ts";
import { openCanary } from "./canary.ts";
import { hostileAnswers, marks } from "./hostile-answers.ts";
import type { Arrival } from "./law.ts";
import { type Guarded, memoryMbMax, openStage, type Stage } from "./stage.ts";

let stage: Stage;
let hostile: Guarded;
let honest: Guarded;
let heardBytes = 0;
let tried = 0;

/** The case that a call asks for, and the id to answer. */
function askedOf({ body }: Arrival): { name: string; id: string } | null {
  if (!body.includes('"tools/call"')) return null;
  const message = JSON.parse(body.toString("utf8")) as { id: unknown; params: { arguments?: { answer?: string } } };
  const name = message.params.arguments?.answer;
  return name === undefined ? null : { name, id: JSON.stringify(message.id) };
}

beforeAll(async () => {
  stage = await openStage();
  const liar = await openCanary((arrival) => {
    const asked = askedOf(arrival);
    const answer = hostileAnswers.find(({ name }) => name === asked?.name);
    if (asked === null || answer === undefined) return undefined;
    return { say: (socket) => void answer.say(socket, asked.id) };
  });
  hostile = await stage.guard(liar);
  honest = await stage.guard();
});

afterAll(async () => {
  console.log(
    `\nhostile server: ${tried} answers tried with 3 clients, ${Math.round(heardBytes / 1e6)} MB heard, ` +
      `gateway alive ${await stage?.isAlive()}, peak RSS ${stage?.memory.peakMb()} MB\n`,
  );
  await stage?.close();
});

type Said = { status: number; head: string; body: string; trailers: string };

/** Asks without a client that would hide anything: what comes back to the last byte, of large answers both ends. */
function ask(answer: string): Promise<Said> {
  const { grant } = hostile;
  const params = { name: "echo", arguments: { answer } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 5, method: "tools/call", params });
  return new Promise((resolve) => {
    const request = http.request(
      `${stage.gateway.url}${grant.path}`,
      {
        method: "POST",
        headers: {
          authorization: `Bearer ${grant.token}`,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
      },
      (response) => {
        let start = "";
        let end = "";
        response.setEncoding("latin1");
        response.on("data", (chunk: string) => {
          heardBytes += chunk.length;
          if (start.length < 2e6) start += chunk;
          end = (end + chunk).slice(-10_000);
        });
        const settle = () =>
          resolve({
            status: response.statusCode ?? 0,
            head: response.rawHeaders.join("\n"),
            body: start + end,
            trailers: response.rawTrailers.join("\n"),
          });
        response.on("end", settle).on("error", settle).on("close", settle);
      },
    );
    request.on("error", () => resolve({ status: 0, head: "", body: "", trailers: "" }));
    request.end(body);
  });
}

describe.each(hostileAnswers)("a server that answers with $name", ({ name, hears }) => {
  it("tells the client nothing that it must not hear", async () => {
    tried += 1;
    const said = await ask(name);
    for (const part of [said.head, said.body, said.trailers]) {
      for (const mark of marks) expect(part.slice(0, 5_000)).not.toContain(mark);
      expect(marks.some((mark) => part.includes(mark))).toBe(false);
    }
    expect(said.trailers).toBe("");
    expect(said.head.toLowerCase()).not.toMatch(
      /^(set-cookie|www-authenticate|location|server|access-control-.*|link)$/m,
    );
    expect([200, 202, 204, 400, 402, 404, 418, 429, 502]).toContain(said.status);
    if (hears !== undefined) expect(said.body).toContain(hears);
  });
});

describe.each(clients)("$name before a server that lies", ({ connect }) => {
  it("hears nothing forbidden from any of its answers, and works on with others", async () => {
    const small = hostileAnswers.filter(({ name }) => !/megabytes|never ends|bomb|million/.test(name));
    for (let i = 0; i < small.length; i += 8) {
      await Promise.all(small.slice(i, i + 8).map(({ name }) => callAndListen(connect, name)));
    }
    const client = await connect(`${stage.gateway.url}${honest.grant.path}`, honest.grant.token);
    expect((await client.call("echo", {})).content).toEqual([{ type: "text", text: "done" }]);
    expect(await client.listTools()).toEqual(["echo", "pay", "read", "drop"]);
    await client.close();
  }, 120_000);
});

/** Whatever becomes of the call: what the client was given or threw holds nothing forbidden, and the client still lists tools. */
async function callAndListen(
  connect: (url: string, token: string) => Promise<McpClient>,
  answer: string,
): Promise<void> {
  const client = await connect(`${stage.gateway.url}${hostile.grant.path}`, hostile.grant.token);
  const outcome = await Promise.race([
    client.call("echo", { answer }).then(
      (result) => JSON.stringify(result),
      (cause: unknown) => String(cause),
    ),
    sleep(1_500, "still waiting"),
  ]);
  for (const mark of marks) expect(`${answer}: ${outcome}`).not.toContain(mark);
  expect(await client.listTools()).not.toContain("secret");
  void client.close().catch(() => {});
}

describe("after all of its answers", () => {
  it("the gateway is up, and took no more memory than it may", async () => {
    expect(await stage.isAlive()).toBe(true);
    expect(stage.gateway.output()).not.toMatch(/a request failed|uncaught|unhandled/i);
    expect(stage.memory.peakMb()).toBeLessThan(memoryMbMax);
  });
});
