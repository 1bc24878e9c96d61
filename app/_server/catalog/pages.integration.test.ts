import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { database } from "../../../prisma/client.ts";
import { setEnvironment } from "../test-world.ts";
import { addServer } from "./catalog-world.ts";
import { allToolsForPolicy, findCatalogServer, toolsOfCatalogServer } from "./servers.ts";
import { sitemapFiles, sitemapServers } from "./sitemap.ts";
import { findCatalogTool } from "./tools.ts";

let fresh: TestDatabase;
const names = ["read_file", "delete_file", "sendMail", "100%_sure", "a/b?c", "run_query", "pay_invoice", "list_all"];

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  await addServer({ source: "npm:files", name: "Files", tools: names });
  for (let at = 0; at < 9; at += 1) {
    const tools = Array.from({ length: at }, (_, number) => `tool_${number}`);
    await addServer({ source: `npm:more-${at}`, tools });
  }
});

afterAll(async () => {
  await database().$disconnect();
  await fresh.drop();
});

async function toolNames(asked: Parameters<typeof toolsOfCatalogServer>[1]): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await toolsOfCatalogServer("files", { ...asked, cursor });
    found.push(...items.map(({ name }) => name));
    if (nextCursor === null) return found;
    cursor = nextCursor;
  }
}

describe("a server's tools", () => {
  it("come in its own order, page by page", async () => {
    expect(await toolNames({ limit: 100 })).toEqual(names);
    expect(await toolNames({ limit: 3 })).toEqual(names);
  });

  it("are filtered by category, severity and part of the name, in which nothing is a wildcard", async () => {
    expect(await toolNames({ category: "Destructive" })).toEqual(["delete_file"]);
    expect(await toolNames({ severity: "critical", limit: 1 })).toEqual(["delete_file", "pay_invoice"]);
    expect(await toolNames({ q: "FILE" })).toEqual(["read_file", "delete_file"]);
    expect(await toolNames({ q: "%" })).toEqual(["100%_sure"]);
    expect(await toolNames({ q: "_" })).toEqual(names.filter((name) => name.includes("_")));
    expect(await toolNames({ q: "\\" })).toEqual([]);
    expect(await toolNames({ q: "\0\ud800" })).toEqual([]);
  });

  it("are all there for a policy, as long as they are current", async () => {
    expect((await allToolsForPolicy("files")).map(({ name }) => name)).toEqual(names);
    expect(await allToolsForPolicy("nobody")).toEqual([]);
  });

  it("that are dangerous stand first, what is merely read does not", async () => {
    const server = await findCatalogServer("files");
    expect(server?.dangerous.map(({ name }) => name).slice(0, 3)).toEqual(["pay_invoice", "delete_file", "run_query"]);
    expect(server?.dangerous.map(({ category }) => category)).not.toContain("Read");
    expect(server?.presences).toEqual({ listed: names.length, declared: 0, unlisted: 0 });
  });

  it("are found by their very name, whatever is in it", async () => {
    for (const name of names) expect((await findCatalogTool("files", name))?.name).toBe(name);
    for (const name of ["READ_FILE", "", "\0", "\ud800", "x".repeat(100_000)]) {
      expect(await findCatalogTool("files", name)).toBeNull();
    }
    expect(await findCatalogServer("\0")).toBeNull();
  });
});

describe("the files of the sitemap", () => {
  it("hold every server and tool once, and none is much too large", async () => {
    const files = await sitemapFiles(10);
    expect(files.length).toBeGreaterThan(3);
    const addresses: string[] = [];
    for (const file of files) {
      const servers = await sitemapServers(file);
      const own = servers.flatMap(({ slug, tools }) => [slug, ...tools.map(({ name }) => `${slug}/${name}`)]);
      expect(own).toHaveLength(file.addresses);
      expect(own.length).toBeLessThan(20);
      addresses.push(...own);
    }
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(addresses).toHaveLength((await database().catalogServer.count()) + (await database().catalogTool.count()));
  });

  it("are one for a catalog that fits in one", async () => {
    expect(await sitemapFiles()).toMatchObject([{ from: "", to: null }]);
  });
});
