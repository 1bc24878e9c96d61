import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openPeers, type PassedOn, type Peers } from "./peers.ts";

const servers: Server[] = [];
const opened: Peers[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  for (const peers of opened.splice(0)) await peers.close();
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A gateway that passes all that it is asked on to `home`. @returns Where it listens, and what came of each. */
async function front(home: string): Promise<{ url: string; came: PassedOn[] }> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const peers = openPeers({
    databaseUrl: "postgresql://127.0.0.1:1/none",
    self: "http://127.0.0.1:1",
    internalToken: "t",
    log,
  });
  opened.push(peers);
  const came: PassedOn[] = [];
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const outcome = await peers.passOn(home, { request, response, body: Buffer.concat(chunks) });
    came.push(outcome);
    if (!response.headersSent && !response.destroyed) response.writeHead(502).end();
  };
  return { url: await listen(createServer((request, response) => void pass(request, response))), came };
}

/** Takes requests with their bodies, and answers each with how many it took. */
function counting(): { taken: string[]; take: RequestListener } {
  const taken: string[] = [];
  const take: RequestListener = async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    taken.push(body);
    response.end(String(taken.length));
  };
  return { taken, take };
}

test("a request whose connection breaks before the other gateway begins with it is made again, and done once", async () => {
  const { taken, take } = counting();
  const home = createServer(take);
  let broken = 0;
  home.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (broken < 2) {
      broken += 1;
      request.socket.resetAndDestroy();
      return;
    }
    response.writeContinue();
    home.emit("request", request, response);
  });
  const { url, came } = await front(await listen(home));
  const answer = await fetch(url, { method: "POST", body: "do it" });
  expect([answer.status, await answer.text(), taken, came, broken]).toEqual([200, "1", ["do it"], ["answered"], 2]);
});

test("a request that breaks off when the other gateway has begun with it is lost, and not made again", async () => {
  const taken: string[] = [];
  const home = createServer((request) => {
    request.on("data", (chunk) => {
      taken.push(String(chunk));
      request.socket.resetAndDestroy();
    });
  });
  const { url, came } = await front(await listen(home));
  const answer = await fetch(url, { method: "POST", body: "do it" });
  expect([answer.status, taken, came]).toEqual([502, ["do it"], ["lost"]]);
});

test("a large body arrives whole", async () => {
  const { taken, take } = counting();
  const { url } = await front(await listen(createServer(take)));
  const body = "x".repeat(3_000_000);
  expect(await (await fetch(url, { method: "POST", body })).text()).toBe("1");
  expect(taken[0] === body).toBe(true);
});
