import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Harvest, Listed } from "../../../catalog/harvest.ts";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { database } from "../../../prisma/client.ts";
import { setEnvironment } from "../test-world.ts";
import { addServer, emptyCatalog } from "./catalog-world.ts";
import { catalogEvents } from "./events.ts";
import { recordHarvest } from "./record.ts";
import { findCatalogServer } from "./servers.ts";
import { findCatalogTool } from "./tools.ts";

let fresh: TestDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
});

afterEach(emptyCatalog);

afterAll(async () => {
  await database().$disconnect();
  await fresh.drop();
});

type Made = Record<string, { description?: string; properties?: object; required?: string[]; annotations?: object }>;

function listed(tools: Made, more: Partial<Listed> = {}): Listed {
  return {
    ok: true,
    source: "npm:files",
    name: "Files",
    packageName: "files",
    version: "1.0.0",
    repository: null,
    homepage: null,
    licence: "MIT",
    description: "Looks after files.",
    protocolVersion: "2025-06-18",
    serverInfo: {},
    instructions: null,
    at: "2026-11-23T10:00:00.000Z",
    ms: 900,
    leftOut: [],
    isolation: null,
    tools: Object.entries(tools).map(([name, { properties = {}, required = [], ...rest }]) => {
      const definition = JSON.stringify({ name, ...rest, inputSchema: { type: "object", properties, required } });
      return { name, definition, definitionHash: Buffer.from(definition).toString("hex").slice(-64).padStart(64, "0") };
    }),
    ...more,
  };
}

const failed: Harvest = {
  ok: false,
  source: "npm:files",
  code: "timed_out",
  message: "The server answered, but not in time.",
  version: "1.1.0",
  ms: 60_000,
  isolation: null,
};

const path = { path: { type: "string" } };
const first = listed({
  read_file: { description: "Reads a file.", properties: path },
  delete_file: { properties: path },
});

async function events(): Promise<string[]> {
  const { items } = await catalogEvents({ limit: 100 });
  return items.map(({ kind, tool, grades, fromVersion, toVersion }) =>
    [kind, tool, grades.join("+"), `${fromVersion ?? ""}→${toVersion ?? ""}`].filter(Boolean).join(" "),
  );
}

describe("a harvest", () => {
  it("of a new server adds it with its tools, its words and one event", async () => {
    expect(await recordHarvest(first)).toEqual({ slug: "files", added: 2, changed: 0, removed: 0, events: 1 });
    expect(await events()).toEqual(["server_added →1.0.0"]);
    expect(await findCatalogServer("files")).toMatchObject({
      name: "Files",
      source: "npm:files",
      evidence: "harvest",
      version: "1.0.0",
      description: "Looks after files.",
      toolCount: 2,
      counts: { Read: 1, Destructive: 1 },
      severity: "critical",
      seenAt: "2026-11-23T10:00:00.000Z",
    });
    expect(await findCatalogTool("files", "read_file")).toMatchObject({
      description: "Reads a file.",
      category: "Read",
      parameters: [{ name: "path", types: ["string"] }],
      definition: first.tools[0]?.definition,
      state: "current",
    });
  });

  it("with the same list changes nothing but that it was looked at", async () => {
    await recordHarvest(first);
    const before = await database().catalogTool.findMany({ orderBy: { id: "asc" } });
    const again = await recordHarvest({ ...first, at: "2026-11-24T10:00:00.000Z" });
    expect(again).toEqual({ slug: "files", added: 0, changed: 0, removed: 0, events: 0 });
    expect(await database().catalogTool.findMany({ orderBy: { id: "asc" } })).toEqual(before);
    expect(await events()).toHaveLength(1);
    const harvests = await database().catalogHarvest.findMany();
    expect(harvests).toHaveLength(2);
    expect(new Set(harvests.map(({ listHash }) => listHash)).size).toBe(1);
    expect((await findCatalogServer("files"))?.seenAt).toBe("2026-11-24T10:00:00.000Z");
  });

  it("tells what changed: version, tools that came, went and are others now, with the grades", async () => {
    await recordHarvest(first);
    const second = listed(
      {
        delete_file: { properties: { ...path, force: { type: "boolean" } }, required: ["force"] },
        move_file: { properties: path },
      },
      { version: "1.1.0", at: "2026-11-24T10:00:00.000Z" },
    );
    expect(await recordHarvest(second)).toEqual({ slug: "files", added: 1, changed: 1, removed: 1, events: 4 });
    expect(new Set(await events())).toEqual(
      new Set([
        "version_changed 1.0.0→1.1.0",
        "tool_added move_file new 1.0.0→1.1.0",
        "tool_changed delete_file required_parameter_added 1.0.0→1.1.0",
        "tool_removed read_file gone 1.0.0→1.1.0",
        "server_added →1.0.0",
      ]),
    );
    const { items } = await catalogEvents({ kind: "tool_changed" });
    expect(items[0]).toMatchObject({ before: first.tools[1]?.definition, after: second.tools[0]?.definition });
    expect(await findCatalogTool("files", "read_file")).toMatchObject({ state: "gone" });
    expect(await findCatalogServer("files")).toMatchObject({ toolCount: 2, version: "1.1.0" });
  });

  it("that failed is recorded and changes nothing else", async () => {
    await recordHarvest(first);
    const before = await findCatalogServer("files");
    expect(await recordHarvest(failed)).toEqual({ slug: "files", added: 0, changed: 0, removed: 0, events: 0 });
    expect(await findCatalogServer("files")).toEqual(before);
    expect(await events()).toHaveLength(1);
    expect(await database().catalogHarvest.findFirst({ where: { outcome: "timed_out" } })).toMatchObject({
      version: "1.1.0",
      message: failed.message,
      toolCount: 0,
    });
  });

  it("that failed, of a server that nobody knows, makes none", async () => {
    expect(await recordHarvest(failed)).toMatchObject({ slug: null, events: 0 });
    expect(await database().catalogServer.count()).toBe(0);
  });

  it("that comes late does not turn back what is newer", async () => {
    await recordHarvest({ ...first, at: "2026-11-24T10:00:00.000Z" });
    const late = listed({ read_file: {} }, { version: "0.9.0" });
    expect(await recordHarvest(late)).toEqual({ slug: "files", added: 0, changed: 0, removed: 0, events: 0 });
    expect(await findCatalogServer("files")).toMatchObject({ version: "1.0.0", toolCount: 2 });
    expect(await database().catalogHarvest.count()).toBe(2);
  });

  it("of a server whose facts were shipped compares with these, and leaves what is never listed", async () => {
    const server = await addServer({
      source: "npm:files",
      tools: [{ name: "read_file", inputSchema: { type: "object", properties: path } }, "hidden_door", "old_tool"],
    });
    await database().catalogTool.updateMany({ where: { name: "hidden_door" }, data: { presence: "unlisted" } });
    const after = { ...path, encoding: { type: "string" } };
    const result = await recordHarvest(listed({ read_file: { properties: after } }, { version: "2" }));
    expect(result).toEqual({ slug: server.slug, added: 0, changed: 1, removed: 1, events: 2 });
    expect(await events()).toContain("tool_changed read_file optional_parameter_added →2");
    expect(await findCatalogTool("files", "hidden_door")).toMatchObject({ state: "current", presence: "unlisted" });
  });

  it("of a server that a registry named is its first listing, under the same address", async () => {
    await addServer({ source: "npm:files", name: "io.example/files", evidence: "registry" });
    expect(await recordHarvest(first)).toMatchObject({ slug: "files", added: 2, events: 1 });
    expect(await events()).toEqual(["server_added →1.0.0"]);
    expect(await database().catalogServer.count()).toBe(1);
  });

  it("gets a slug of its own when another source has it", async () => {
    await recordHarvest(listed({}, { source: "npm:a-b" }));
    const second = await recordHarvest(listed({}, { source: "npm:@a/b" }));
    expect(second.slug).toMatch(/^a-b-[0-9a-f]{8}$/);
    expect((await recordHarvest(listed({}, { source: "npm:@a/b" }))).slug).toBe(second.slug);
  });

  it("holds against hostile lists: names that are there twice, that Postgres cannot hold, words without end", async () => {
    const definition = (name: string, description: string) =>
      JSON.stringify({
        name,
        description,
        inputSchema: { type: "object", properties: { "a\u0000": {}, __proto__: {} } },
      });
    const tool = (name: string, description = "") => ({
      name,
      definition: definition(name, description),
      definitionHash: Buffer.from(name + description)
        .toString("hex")
        .slice(0, 64)
        .padEnd(64, "0"),
    });
    const hostile = listed(
      {},
      {
        name: "a\u0000\ud800",
        description: "\u0000",
        version: "\ud800",
        tools: [
          tool("same", "one"),
          tool("same", "two"),
          tool("nul\u0000"),
          tool("half\ud800"),
          tool("x".repeat(10_000), "y ".repeat(500_000)),
        ],
      },
    );
    expect(await recordHarvest(hostile)).toMatchObject({ added: 2 });
    expect(await findCatalogTool("files", "same")).toMatchObject({ description: "one" });
    expect(await recordHarvest({ ...hostile, at: "2026-11-25T00:00:00.000Z" })).toMatchObject({
      added: 0,
      changed: 0,
      events: 0,
    });
  });

  it("of the same server by several jobs at once is recorded by each, and its events once", async () => {
    const results = await Promise.all(Array.from({ length: 5 }, () => recordHarvest(first)));
    expect(results.filter(({ events }) => events > 0)).toHaveLength(1);
    expect(await database().catalogHarvest.count()).toBe(5);
    expect(await database().catalogServer.count()).toBe(1);
  });
});
