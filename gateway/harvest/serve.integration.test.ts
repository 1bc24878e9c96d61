import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { createAdminServer } from "../admin.ts";
import { fetchRegistryPage } from "./registry.ts";
import { openHarvestDesk } from "./serve.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
const settings = { hosted: true, allowStdio: false, allowPrivateUpstreams: true, dataDir: "/nonexistent" };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The admin port of a gateway whose harvests do what the test says. */
function adminWhere(harvest: (body: unknown, signal: AbortSignal) => Promise<object>) {
  const parts = {
    unreadyReasons: () => [],
    renderMetrics: () => "",
    inspect: async () => ({}),
    peer: () => {},
    brake: async () => ({}),
    registry: async () => ({}),
    internalToken: "token",
    harvest,
  };
  return listening(createAdminServer(parts, { allowedHosts: new Set(["127.0.0.1"]) }, log));
}

const post = (url: string, body: unknown, headers: object = { authorization: "Bearer token" }) =>
  fetch(url, { method: "POST", body: JSON.stringify(body), headers: { ...headers } });

describe("the admin port", () => {
  it("harvests for the web process alone", async () => {
    const url = await adminWhere(async (body) => ({ body }));
    expect((await post(`${url}/internal/harvest`, { target: 1 }, {})).status).toBe(401);
    expect((await post(`${url}/internal/registry`, {}, { authorization: "Bearer other" })).status).toBe(401);
    const page = { authorization: "Bearer token", origin: "http://127.0.0.1" };
    expect((await post(`${url}/internal/harvest`, {}, page)).status).toBe(403);
    expect(await (await post(`${url}/internal/harvest`, { target: 1 })).json()).toEqual({ body: { target: 1 } });
  });

  it("calls a harvest off when nobody waits for it any more", async () => {
    let isCalledOff = false;
    const url = await adminWhere(
      (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            isCalledOff = true;
            resolve({});
          });
        }),
    );
    const asking = httpRequest(`${url}/internal/harvest`, {
      method: "POST",
      headers: { authorization: "Bearer token" },
    });
    asking.on("error", () => {});
    asking.end("{}");
    await sleep(200);
    asking.destroy();
    await expect.poll(() => isCalledOff, { timeout: 5_000 }).toBe(true);
  });
});

describe("the desk", () => {
  it("says what it cannot read, and refuses commands where they are refused", async () => {
    const desk = openHarvestDesk(settings, log);
    const { signal } = new AbortController();
    expect(await desk.harvest({ target: { kind: "npm", package: "--global" } }, signal)).toMatchObject({
      code: "unreadable",
    });
    expect(await desk.harvest({ target: { kind: "npm", package: "x" } }, signal)).toMatchObject({
      code: "commands_refused",
    });
    expect(await desk.registry({ url: 7 }, signal)).toMatchObject({ ok: false, code: "unreadable" });
  });

  it("works at two harvests at once and no more", async () => {
    const slow = createServer(() => {}); // takes the question and never answers
    const url = await listening(slow);
    const desk = openHarvestDesk(settings, log);
    const calling = new AbortController();
    const both = [1, 2].map((at) => desk.harvest({ target: { kind: "url", url: `${url}/${at}` } }, calling.signal));
    expect(await desk.harvest({ target: { kind: "url", url } }, calling.signal)).toMatchObject({
      ok: false,
      code: "busy",
    });
    calling.abort();
    for (const one of both) expect(await one).toMatchObject({ ok: false, code: "cancelled" });
  });
});

describe("a registry's page", () => {
  /** Three pages of two servers, in our own words. */
  const registry = () =>
    listening(
      createServer((request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
        if (pathname === "/moved") return response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
        if (pathname === "/words") return response.end("<html>");
        if (pathname === "/endless") return void endless();
        const page = Number(searchParams.get("cursor") ?? 0);
        const servers = [0, 1].map((at) => ({ server: { name: `com.example/s${page * 2 + at}`, version: "1.0.0" } }));
        response.end(JSON.stringify({ servers, metadata: page < 2 ? { nextCursor: String(page + 1) } : {} }));
        function endless() {
          const more = () => {
            while (!response.destroyed && response.write(" ".repeat(1e6)));
          };
          response.on("drain", more);
          more();
        }
      }),
    );

  it("is followed by the next until there is none", async () => {
    const url = await registry();
    const names: string[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < 10; pages += 1) {
      const page = await fetchRegistryPage({ url: `${url}/v0/servers`, cursor }, settings, log);
      if (!page.ok) throw new Error(page.message);
      names.push(...page.entries.map(({ name }) => name));
      cursor = page.nextCursor;
      if (cursor === null) break;
    }
    expect(names).toEqual([0, 1, 2, 3, 4, 5].map((at) => `com.example/s${at}`));
  });

  it("is not fetched from a private address where that is refused, nor from where it is moved to", async () => {
    const url = await registry();
    const guarded = { allowPrivateUpstreams: false };
    expect(await fetchRegistryPage({ url }, guarded, log)).toMatchObject({ ok: false, code: "address_refused" });
    // A name that resolves to a private address is refused when it is dialled.
    const named = url.replace("127.0.0.1", "localhost");
    expect(await fetchRegistryPage({ url: named }, guarded, log)).toMatchObject({ ok: false, code: "address_refused" });
    expect(await fetchRegistryPage({ url: `${url}/moved` }, settings, log)).toMatchObject({
      ok: false,
      code: "unreachable",
    });
    expect(await fetchRegistryPage({ url: "file:///etc/passwd" }, settings, log)).toMatchObject({
      code: "address_refused",
    });
  });

  it("is not read without end, and has to be JSON", async () => {
    const url = await registry();
    expect(await fetchRegistryPage({ url: `${url}/endless` }, settings, log)).toMatchObject({
      ok: false,
      code: "too_large",
    });
    expect(await fetchRegistryPage({ url: `${url}/words` }, settings, log)).toMatchObject({
      ok: false,
      code: "unreadable",
    });
  });
});
