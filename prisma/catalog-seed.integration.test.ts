import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ServerFacts, ToolFacts } from "../catalog/facts.ts";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { seedCatalog } from "./catalog-seed.ts";

let fresh: TestDatabase;
let dir: string;
let client: pg.Client;

beforeEach(async () => {
  fresh = await freshDatabase();
  dir = await mkdtemp(path.join(tmpdir(), "facts-"));
  client = new pg.Client({ connectionString: fresh.url });
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await fresh.drop();
  await rm(dir, { recursive: true, force: true });
});

function tool(name: string, more: Partial<ToolFacts> = {}): ToolFacts {
  return {
    name,
    presence: "listed",
    parameters: [{ name: "path", types: ["string"], required: true, declared: true }],
    definitionHash: "a".repeat(64),
    category: "Read",
    severity: "low",
    confidence: 0.9,
    signals: [{ id: "verb.read", category: "Read", source: "name", quote: "read", weight: 0.9 }],
    findings: [],
    ...more,
  };
}

function server(slug: string, tools: ToolFacts[], more: Partial<ServerFacts> = {}): ServerFacts {
  return { slug, name: slug, source: `npm:${slug}`, packageName: slug, seen: "2026-11-20", tools, ...more };
}

async function ship(...servers: ServerFacts[]): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  dir = await mkdtemp(path.join(tmpdir(), "facts-"));
  for (const facts of servers) await writeFile(path.join(dir, `${facts.slug}.json`), JSON.stringify(facts));
}

const seed = () => seedCatalog(fresh.url, dir);

async function everything(): Promise<unknown[]> {
  const tables = ["CatalogServer", "CatalogTool", "CatalogEntry", "CatalogShelf", "CatalogWord"];
  return Promise.all(tables.map(async (table) => (await client.query(`SELECT * FROM "${table}" ORDER BY 1`)).rows));
}

async function tools(slug: string): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; state: string }>(
    `SELECT t."name", t."state" FROM "CatalogTool" t JOIN "CatalogServer" s ON s."id" = t."serverId" WHERE s."slug" = $1`,
    [slug],
  );
  return Object.fromEntries(rows.map(({ name, state }) => [name, state]));
}

async function one(sql: string): Promise<Record<string, unknown>> {
  return (await client.query(sql)).rows[0] ?? {};
}

describe("the shipped facts", () => {
  it("that this project ships are all as they should be, and in the database within a few seconds", async () => {
    const from = Date.now();
    const seeded = await seedCatalog(fresh.url);
    expect(seeded?.servers).toBeGreaterThan(0);
    expect(Date.now() - from).toBeLessThan(30_000); // on a busy machine; alone it is less than two seconds
    expect(await one(`SELECT count(*)::int AS n FROM "CatalogTool"`)).toEqual({ n: seeded?.tools });
    expect(await seedCatalog(fresh.url)).toBeNull();
  });

  it("are written once: the same again changes nothing at all", async () => {
    await ship(server("files", [tool("read_file"), tool("list_files")]));
    expect(await seed()).toEqual({ servers: 1, tools: 2, removed: 0 });
    const before = await everything();
    expect(await seed()).toBeNull();
    await client.query(`UPDATE "CatalogSnapshot" SET "hash" = 'other'`);
    expect(await seed()).toEqual({ servers: 1, tools: 2, removed: 0 });
    expect(await everything()).toEqual(before);
  });

  it("are written once by several processes at once", async () => {
    await ship(server("files", [tool("read_file")]));
    const seeded = await Promise.all([seed(), seed(), seed(), seed()]);
    expect(seeded.filter((one) => one !== null)).toHaveLength(1);
  });

  it("say that a tool is gone, and back", async () => {
    await ship(server("files", [tool("read_file"), tool("list_files")]));
    await seed();
    await ship(server("files", [tool("list_files"), tool("stat")]));
    await seed();
    expect(await tools("files")).toEqual({ read_file: "gone", list_files: "current", stat: "current" });
    expect(await one(`SELECT "toolCount" FROM "CatalogServer"`)).toEqual({ toolCount: 2 });
    await ship(server("files", [tool("read_file")]));
    await seed();
    expect(await tools("files")).toEqual({ read_file: "current", list_files: "gone", stat: "gone" });
  });

  it("take a server away that left them, but none that was listed here or that a registry names", async () => {
    await ship(server("files", [tool("a")]), server("mail", [tool("b")]), server("calendar", [tool("c")]));
    await seed();
    await client.query(`UPDATE "CatalogServer" SET "evidence" = 'harvest' WHERE "slug" = 'mail'`);
    await client.query(
      `INSERT INTO "CatalogServer" ("id", "slug", "name", "source", "sourceKind", "evidence") VALUES (gen_random_uuid(), 'r', 'r', 'registry:r', 'registry', 'registry')`,
    );
    await ship(server("calendar", [tool("c")]));
    expect(await seed()).toMatchObject({ removed: 1 });
    const { rows } = await client.query(`SELECT "slug" FROM "CatalogServer" ORDER BY "slug"`);
    expect(rows.map(({ slug }) => slug)).toEqual(["calendar", "mail", "r"]);
  });

  it("leave alone what this installation listed on that day or later", async () => {
    await ship(server("files", [tool("read_file")]));
    await seed();
    await client.query(
      `UPDATE "CatalogServer" SET "evidence" = 'harvest', "seenAt" = '2026-11-20T04:00:00Z', "version" = '2'`,
    );
    await ship(server("files", [tool("other")], { version: "1" }));
    expect(await seed()).toEqual({ servers: 0, tools: 0, removed: 0 });
    expect(await tools("files")).toEqual({ read_file: "current" });
    expect(await one(`SELECT "version", "evidence" FROM "CatalogServer"`)).toEqual({
      version: "2",
      evidence: "harvest",
    });
  });

  it("win over an older listing, whose words stay for definitions that are still the same", async () => {
    await ship(server("files", [tool("same"), tool("other")]));
    await seed();
    await client.query(`UPDATE "CatalogServer" SET "evidence" = 'harvest', "seenAt" = '2026-11-19T23:00:00Z'`);
    await client.query(`UPDATE "CatalogTool" SET "description" = 'in its words', "definition" = '{}'`);
    await ship(server("files", [tool("same"), tool("other", { definitionHash: "b".repeat(64) })], { version: "3" }));
    await seed();
    const { rows } = await client.query(
      `SELECT "name", "description", "definition" FROM "CatalogTool" ORDER BY "name"`,
    );
    expect(rows).toEqual([
      { name: "other", description: null, definition: null },
      { name: "same", description: "in its words", definition: "{}" },
    ]);
    expect(await one(`SELECT "evidence", "version" FROM "CatalogServer"`)).toEqual({
      evidence: "snapshot",
      version: "3",
    });
  });

  it("give tools to a server that was only named, under the address that it has", async () => {
    await client.query(
      `INSERT INTO "CatalogServer" ("id", "slug", "name", "source", "sourceKind", "evidence", "description")
       VALUES (gen_random_uuid(), 'an-older-slug', 'x', 'npm:files', 'npm', 'registry', 'as the registry says')`,
    );
    await ship(server("files", [tool("read_file")]));
    await seed();
    expect(await one(`SELECT "slug", "evidence", "description", "toolCount" FROM "CatalogServer"`)).toEqual({
      slug: "an-older-slug",
      evidence: "snapshot",
      description: "as the registry says",
      toolCount: 1,
    });
  });

  it("give the later of two servers with one slug a longer one", async () => {
    await ship(server("a-b", [tool("x")], { source: "npm:a-b" }));
    await writeFile(path.join(dir, "z.json"), JSON.stringify(server("a-b", [tool("y")], { source: "npm:@a/b" })));
    await seed();
    const { rows } = await client.query(`SELECT "slug", "source" FROM "CatalogServer" ORDER BY "source" DESC`);
    expect(rows).toEqual([
      { slug: "a-b", source: "npm:a-b" },
      { slug: expect.stringMatching(/^a-b-[0-9a-f]{8}$/), source: "npm:@a/b" },
    ]);
  });

  it("are all there or not at all: a file that is none is named", async () => {
    await ship(server("files", [tool("read_file")]));
    await writeFile(path.join(dir, "broken.json"), "{");
    await expect(seed()).rejects.toThrow(/broken\.json/);
    expect(await one(`SELECT count(*)::int AS n FROM "CatalogServer"`)).toEqual({ n: 0 });
  });

  it("take names that Postgres cannot hold as they can be held", async () => {
    await ship(server("files", [tool("a\u0000b\ud800")]));
    await seed();
    expect(Object.keys(await tools("files"))).toEqual(["a\ufffdb\ufffd"]);
  });
});
