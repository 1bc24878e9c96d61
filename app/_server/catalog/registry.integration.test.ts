import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RegistryEntry } from "../../../catalog/registry.ts";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { database } from "../../../prisma/client.ts";
import { setEnvironment } from "../test-world.ts";
import { addServer, emptyCatalog } from "./catalog-world.ts";
import { compareVersions, importRegistryEntries } from "./registry.ts";
import { searchCatalog } from "./search.ts";

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

function entry(name: string, more: Partial<RegistryEntry> = {}): RegistryEntry {
  const rest = {
    description: "a server",
    version: "1.0.0",
    repository: null,
    packages: [],
    remotes: [],
    status: "active",
  };
  return { source: `registry:${name}`, name, ...rest, ...more };
}

async function all() {
  const rows = await database().catalogServer.findMany({ orderBy: { source: "asc" } });
  return rows.map(({ id, seenAt, firstSeenAt, ...row }) => row);
}

describe("entries of a registry", () => {
  const page = [entry("io.example/files"), entry("io.example/mail", { source: "npm:@example/mail" })];

  it("are added once, can be found, and have no tools", async () => {
    expect(await importRegistryEntries(page)).toEqual({ added: 2, updated: 0, unchanged: 0 });
    const before = await database().catalogServer.findMany();
    expect(await importRegistryEntries(page)).toEqual({ added: 0, updated: 0, unchanged: 2 });
    expect(await database().catalogServer.findMany()).toEqual(before);
    expect(await all()).toMatchObject([
      { slug: "example-mail", sourceKind: "npm", packageName: "@example/mail", evidence: "registry", toolCount: 0 },
      { slug: "io-example-files", sourceKind: "registry", packageName: null, evidence: "registry" },
    ]);
    const { items } = await searchCatalog({ of: "servers", q: "mail", evidence: "registry" });
    expect(items.map(({ slug }) => slug)).toEqual(["example-mail"]);
    expect(await database().catalogEvent.count()).toBe(0);
  });

  it("come to the same in any order, page by page or at once, and again after being cut off", async () => {
    const entries = [
      ...page,
      entry("io.example/files", { version: "1.10.0", description: "the newest" }),
      entry("io.example/files", { version: "1.9.0", description: "older" }),
      entry("io.other/mail", { source: "npm:@example/mail", description: "another name for it" }),
      entry("io.example/files", { version: "2.0.0", status: "deleted" }),
      entry("io.example/gone", { status: "deleted" }),
    ];
    await importRegistryEntries(entries);
    const atOnce = await all();
    expect(atOnce.map(({ name, version }) => `${name} ${version}`)).toEqual([
      "io.example/mail 1.0.0",
      "io.example/files 1.10.0",
    ]);
    for (const order of [entries, [...entries].reverse()]) {
      await emptyCatalog();
      for (const one of [...order.slice(0, 4), ...order]) await importRegistryEntries([one]);
      expect(await all()).toEqual(atOnce);
    }
    expect(await importRegistryEntries(entries)).toMatchObject({ added: 0, updated: 0 });
  });

  it("change nothing of a server whose tools are known", async () => {
    await addServer({ source: "npm:@example/mail", name: "Mail", tools: ["send_mail"] });
    const before = await all();
    const claim = entry("io.evil/mail", { source: "npm:@example/mail", version: "99.0.0", description: "Ours now." });
    expect(await importRegistryEntries([claim, { ...claim, status: "deleted" }])).toMatchObject({
      added: 0,
      updated: 0,
    });
    expect(await all()).toEqual(before);
  });

  it("take away what was only named when they say that it is deleted, under the same name", async () => {
    await importRegistryEntries(page);
    const others = entry("io.other/mail", { source: "npm:@example/mail", version: "2.0.0", status: "deleted" });
    expect(await importRegistryEntries([others])).toMatchObject({ updated: 0 });
    const older = entry("io.example/files", { version: "0.9.0" });
    expect(await importRegistryEntries([older, entry("io.example/files", { status: "deleted" })])).toMatchObject({
      updated: 1,
      added: 1,
    });
    expect((await all()).map(({ version }) => version)).toContain("0.9.0");
    await importRegistryEntries([{ ...older, status: "deleted" }]);
    expect((await all()).map(({ name }) => name)).toEqual(["io.example/mail"]);
  });

  it("hold what Postgres cannot, and words without end", async () => {
    const hostile = entry("a\u0000b", { description: `\ud800${"x".repeat(50_000)}`, version: "\u0000" });
    await importRegistryEntries([hostile]);
    expect(await importRegistryEntries([hostile])).toEqual({ added: 0, updated: 0, unchanged: 1 });
  });
});

describe("versions", () => {
  it("are compared by their numbers", () => {
    const inOrder = [null, "0.9", "1.0.0-beta", "1.0.0", "1.2", "1.10.0", "v2", "2026.8.31"];
    const shuffled = [...inOrder].reverse();
    expect(shuffled.sort(compareVersions)).toEqual(inOrder);
    expect(compareVersions("1.0", "v1.0.0")).toBe(0);
  });
});
