import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { database } from "../../../prisma/client.ts";
import { Pace } from "../pace.ts";
import { ask, setEnvironment } from "../test-world.ts";
import { addServer } from "./catalog-world.ts";
import { recordHarvest } from "./record.ts";

let fresh: TestDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  await addServer({
    source: "npm:@stripe/mcp",
    name: "Stripe",
    tools: ["create_refund", "list_customers", "get_balance"],
  });
  await addServer({ source: "npm:files", name: "Files", tools: ["read_file", "delete_file"] });
  await recordHarvest({
    ok: true,
    source: "url:https://mail.example/mcp",
    name: "Mail",
    packageName: null,
    version: "1",
    repository: null,
    homepage: null,
    licence: null,
    description: null,
    protocolVersion: null,
    serverInfo: null,
    instructions: null,
    at: "2026-11-23T10:00:00.000Z",
    ms: 1,
    tools: [],
    leftOut: [],
    isolation: null,
  });
});

afterAll(async () => {
  await database().$disconnect();
  await fresh.drop();
});

const get = (path: string, headers: Record<string, string> = {}) => ask("GET", `/catalog${path}`, { headers });

describe("the public catalog over the API", () => {
  it("is answered without a session, and may be kept for a minute", async () => {
    for (const path of [
      "/totals",
      "/search?q=refund",
      "/events",
      "/servers/files",
      "/servers/files/tools",
      "/servers/files/tools/read_file",
    ]) {
      const { status, headers, body } = await get(path);
      expect(status, JSON.stringify(body)).toBe(200);
      expect(headers.get("cache-control")).toMatch(/^public, max-age=60/);
      expect(headers.get("set-cookie")).toBeNull();
    }
  });

  it("counts", async () => {
    expect((await get("/totals")).body).toMatchObject({
      servers: 3,
      tools: 5,
      byEvidence: { harvest: 1, snapshot: 2 },
    });
  });

  it("searches tools, or servers when asked to, page by page", async () => {
    const first = await get("/search?limit=2");
    expect(first.body.items).toHaveLength(2);
    const second = await get(`/search?limit=100&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ nextCursor: null });
    expect(second.body.items).toHaveLength(3);
    expect((await get("/search?q=refnud")).body.items[0]).toMatchObject({
      name: "create_refund",
      server: { slug: "stripe-mcp" },
    });
    const servers = await get("/search?of=servers&severity=critical&q=file");
    expect(servers.body.items).toMatchObject([{ slug: "files", toolCount: 2, severity: "critical" }]);
  });

  it("shows a server, its tools and one tool", async () => {
    expect((await get("/servers/files")).body).toMatchObject({ slug: "files", dangerous: [{ name: "delete_file" }] });
    const tools = await get("/servers/files/tools?category=Read");
    expect(tools.body.items.map(({ name }: { name: string }) => name)).toEqual(["read_file"]);
    expect((await get("/servers/files/tools/delete_file")).body).toMatchObject({
      name: "delete_file",
      category: "Destructive",
      server: { slug: "files", toolCount: 2 },
      signals: [{ id: "verb.delete", quote: "delete" }],
    });
  });

  it("shows what changed", async () => {
    const { items } = (await get("/events?kind=server_added")).body;
    expect(items).toMatchObject([{ kind: "server_added", server: { name: "Mail" }, toVersion: "1" }]);
    expect((await get("/events?slug=files")).body).toEqual({ items: [], nextCursor: null });
  });

  it.each([
    "/servers/nobody",
    "/servers/nobody/tools",
    "/servers/files/tools/nothing",
    "/servers/..",
    "/servers/FILES",
  ])("knows nothing of %s", async (path) => {
    expect(await get(path)).toMatchObject({
      status: 404,
      type: "application/problem+json",
      body: { code: "not_found" },
    });
  });

  it.each([
    "/search?of=organisations",
    "/search?limit=0",
    "/search?limit=101",
    "/search?limit=1e9",
    "/search?limit=x",
    `/search?q=${"x".repeat(201)}`,
    "/search?q=%00",
    "/search?category=read",
    "/search?cursor=nonsense",
    "/search?q=a&q=b",
    "/search?nonsense=1",
    "/servers/files/tools?cursor=nonsense",
    "/events?cursor=e30",
    "/events?kind=nothing",
    "/events?slug=%27",
  ])("says what is wrong with %s", async (path) => {
    const { status, type, body } = await get(path);
    expect([status, type, body.code]).toEqual([400, "application/problem+json", "invalid_query"]);
    expect(body.errors.length).toBeGreaterThan(0);
  });

  it("lets each address ask only so often, and says how long to wait", async () => {
    // As the real one, but for how many: a busy machine would not come to the end of those.
    Object.assign(globalThis, { policylayerPace: new Pace(5) });
    const address = { "x-forwarded-for": "203.0.113.9" };
    for (let asked = 0; asked < 5; asked += 1) expect((await get("/totals", address)).status).toBe(200);
    const refused = await get("/totals", address);
    expect(refused).toMatchObject({
      status: 429,
      type: "application/problem+json",
      body: { code: "too_many_attempts" },
    });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await get("/totals", { "x-forwarded-for": "203.0.113.10" })).status).toBe(200);
  });
});
