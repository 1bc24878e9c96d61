import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { database } from "../../../prisma/client.ts";
import { setEnvironment } from "../test-world.ts";
import { addServer, addTools, emptyCatalog } from "./catalog-world.ts";
import { type CatalogSearch, searchCatalog } from "./search.ts";

let fresh: TestDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  await addServer({
    source: "npm:@stripe/mcp",
    name: "Stripe",
    tools: ["create_refund", "list_customers", "cancel_subscription", "get_balance"],
  });
  await addServer({
    source: "npm:@modelcontextprotocol/server-github",
    name: "GitHub",
    tools: ["create_issue", "get_file_contents", "delete_file", "searchRepositories", "create_pull_request"],
  });
  await addServer({
    source: "npm:files",
    name: "Files",
    evidence: "harvest",
    tools: ["deleteFiles", "DELETE-FILE-LATER", "file.delete", "read_file", "readOAuth2Token"],
  });
  await addServer({
    source: "url:https://example.org/mcp",
    name: "Оплата и файлы",
    evidence: "harvest",
    tools: ["получить_файл", "读取文件", "파일_삭제", "ファイル削除", "καθάρισε_αρχείο", "vider_le_café", "🔥_burn"],
  });
  await addServer({ source: "registry:io.example/quiet", name: "io.example/quiet", evidence: "registry" });
});

afterAll(async () => {
  await database().$disconnect();
  await fresh.drop();
});

async function tools(q: string, more: Partial<CatalogSearch> = {}): Promise<string[]> {
  const { items } = await searchCatalog({ ...more, of: "tools", q });
  return items.map(({ name }) => name);
}

async function servers(q: string, more: Partial<CatalogSearch> = {}): Promise<string[]> {
  const { items } = await searchCatalog({ ...more, of: "servers", q });
  return items.map(({ name }) => name);
}

describe("a search for tools", () => {
  it.each([
    ["its beginning, while it is typed", "crea", "create_issue"],
    ["a word of it", "refund", "create_refund"],
    ["the beginning of a word of it", "refu", "create_refund"],
    ["a part of camel case", "repositories", "searchRepositories"],
    ["camel case, written apart", "search repositories", "searchRepositories"],
    ["words written together", "createpullrequest", "create_pull_request"],
    ["camel case for what is written apart", "createPullRequest", "create_pull_request"],
    ["another order", "request pull", "create_pull_request"],
    ["the singular", "customer", "list_customers"],
    ["the plural", "issues", "create_issue"],
    ["a letter too few", "custmers", "list_customers"],
    ["swapped letters", "isuse", "create_issue"],
    ["a letter too many", "reffund", "create_refund"],
    ["its server's name", "stripe", "get_balance"],
    ["its server's name and a word", "stripe refund", "create_refund"],
    ["its server's name as it is spoken", "github issue", "create_issue"],
    ["a word that camel case would tear apart", "oauth2", "readOAuth2Token"],
    ["a sentence around it", "how can I cancel the subscription", "cancel_subscription"],
    ["Cyrillic", "файл", "получить_файл"],
    ["Chinese", "文件", "读取文件"],
    ["Korean", "파일", "파일_삭제"],
    ["Japanese", "削除", "ファイル削除"],
    ["Greek without its accents", "καθαρισε", "καθάρισε_αρχείο"],
    ["French without its accents", "cafe", "vider_le_café"],
    ["full-width letters", "ｒｅｆｕｎｄ", "create_refund"],
    ["a picture", "🔥", "🔥_burn"],
  ])("finds one by %s", async (_, q, name) => {
    expect(await tools(q)).toContain(name);
  });

  it("finds by parameters and by what we say of it", async () => {
    await addServer({
      source: "npm:quarks",
      tools: [{ name: "go", inputSchema: { type: "object", properties: { strangeness: { type: "number" } } } }],
    });
    expect(await tools("strangeness")).toEqual(["go"]);
    await database().catalogTool.updateMany({ where: { name: "go" }, data: { summary: "Accelerates a hadron" } });
    expect(await tools("hadron")).toEqual(["go"]);
    await database().catalogTool.updateMany({
      where: { name: "go" },
      data: { description: "Colliding particles daily." },
    });
    expect(await tools("particle collides")).toEqual(["go"]);
  });

  it("has the very name first, then names that begin with it, then the words elsewhere", async () => {
    const found = await tools("delete file");
    expect(found.slice(0, 3)).toEqual(["delete_file", "DELETE-FILE-LATER", "deleteFiles"]);
    expect(found).toContain("file.delete");
    expect(found).not.toContain("read_file");
  });

  it("has what was typed before what may be meant", async () => {
    const found = await tools("file");
    expect(found.indexOf("read_file")).toBeLessThan(found.indexOf("deleteFiles"));
  });

  it("takes any of the words when nothing has them all", async () => {
    expect(await tools("refund the hyperdrive")).toEqual(["create_refund"]);
  });

  it("never shows tools that are gone", async () => {
    const server = await addServer({ source: "npm:gone", tools: ["vanishing_act"] });
    expect(await tools("vanishing")).toEqual(["vanishing_act"]);
    await database().catalogTool.updateMany({ where: { serverId: server.id }, data: { state: "gone" } });
    expect(await tools("vanishing")).toEqual([]);
  });

  it("follows its server's name", async () => {
    const server = await addServer({ source: "npm:renamed", name: "Before", tools: ["renaming_thing"] });
    await database().catalogServer.update({ where: { id: server.id }, data: { name: "Zanzibar" } });
    expect(await tools("zanzibar")).toEqual(["renaming_thing"]);
    expect(await tools("before renaming")).not.toContain("Before");
  });

  it("filters by category, severity, kind of source and evidence", async () => {
    expect(await tools("file", { category: "Read" })).toEqual(["read_file", "get_file_contents", "readOAuth2Token"]);
    expect(new Set(await tools("file", { severity: "critical" }))).toEqual(
      new Set(["file.delete", "delete_file", "deleteFiles", "DELETE-FILE-LATER"]),
    );
    expect(await tools("delete file", { evidence: "snapshot" })).toEqual(["delete_file"]);
    expect(await tools("файл", { sourceKind: "npm" })).toEqual([]);
    expect(await tools("", { sourceKind: "url", category: "Read" })).toContain("读取文件");
  });
});

describe("a search for servers", () => {
  it.each([
    ["strip", "Stripe"],
    ["stirpe", "Stripe"],
    ["github", "GitHub"],
    ["git hub", "GitHub"],
    ["modelcontextprotocol", "GitHub"],
    ["server-github", "GitHub"],
    ["example.org", "Оплата и файлы"],
    ["оплата", "Оплата и файлы"],
    ["quiet", "io.example/quiet"],
  ])("finds %s", async (q, name) => {
    expect(await servers(q)).toContain(name);
  });

  it("filters by what their tools can do", async () => {
    expect(await servers("", { category: "Financial" })).toContain("Stripe");
    expect(await servers("", { category: "Financial" })).not.toContain("Files");
    expect(await servers("", { severity: "critical" })).not.toContain("io.example/quiet");
    expect(await servers("", { evidence: "registry" })).toEqual(["io.example/quiet"]);
  });

  it("has the largest first where nothing is asked", async () => {
    const { items } = await searchCatalog({ of: "servers", limit: 100 });
    const counts = items.map(({ toolCount }) => toolCount);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
  });
});

describe("a hostile query", () => {
  it.each([
    ["", "empty"],
    [" \t\n", "blank"],
    ["!!! --- ''' \"\"\" ((( ))) \\\\\\ ", "punctuation only"],
    ["a & | ! <-> b:*A (", "operators of the text search"],
    ["':*' | '\\' \\", "quotes and backslashes"],
    ["%_%", "wildcards"],
    ['\'; DROP TABLE "CatalogTool"; --', "SQL"],
    ["refund\0issue", "U+0000"],
    ["\ud800 refund \udfff", "halves of surrogate pairs"],
    ["x".repeat(100_000), "very long"],
    ["delete file ".repeat(5_000), "very many words"],
    ["\u202eelif\u200b\ufeff", "invisible characters"],
    ["🔥".repeat(300), "pictures"],
    ["e\u0301".repeat(2_000), "accents without end"],
    ["the of and", "words that say nothing"],
  ])("%j is answered (%s)", async (q) => {
    for (const of of ["tools", "servers"] as const) {
      const page = await searchCatalog({ of, q, category: "Destructive", limit: 3 });
      expect(Array.isArray(page.items)).toBe(true);
      if (page.nextCursor) await searchCatalog({ of, q, cursor: page.nextCursor, limit: 3 });
    }
  });

  it("does not take a wildcard for anything but itself", async () => {
    expect(await tools("%")).toEqual([]);
    expect(await tools("_")).toEqual([]);
  });

  it("with a cursor that is none of ours finds nothing", async () => {
    const nul = { after: { by: "name", nameKey: "\0", id: "019ab000-0000-7000-8000-000000000000" }, understood: null };
    for (const cursor of [
      Buffer.from(JSON.stringify(nul)).toString("base64url"),
      "",
      "x",
      "e30",
      Buffer.from('{"after":{"by":"words"}}').toString("base64url"),
      "\0",
      "🔥",
    ]) {
      expect(await searchCatalog({ of: "tools", q: "file", cursor })).toEqual({ items: [], nextCursor: null });
    }
  });

  it("with a forged cursor asks for words at most, never for operators or everything", async () => {
    const after = { by: "words", need: "all", level: 5, score: 99_999, id: "00000000-0000-0000-0000-000000000000" };
    const forge = (typed: string) => {
      const forged = { after, understood: { key: "zz", words: [{ typed, also: [], parts: [], stem: null }] } };
      return Buffer.from(JSON.stringify(forged)).toString("base64url");
    };
    for (const typed of ["'x' | 'y'", "x:*", "\\", "=o:tools", "", "a b"]) {
      const page = await searchCatalog({ of: "tools", q: "x", cursor: forge(typed) });
      expect(page, typed).toEqual({ items: [], nextCursor: null });
    }
    const { items } = await searchCatalog({ of: "tools", q: "x", cursor: forge("refund") });
    expect(items.map(({ name }) => name)).toEqual(["create_refund"]);
  });

  it("of many wide characters has a second page like any other", async () => {
    const wide = "\u{20000}\u{20001}".repeat(30);
    await addServer({ source: "npm:wide", tools: [`${wide}_1`, `${wide}_2`, `x_${wide}`] });
    const first = await searchCatalog({ of: "tools", q: wide, limit: 1 });
    const second = await searchCatalog({ of: "tools", q: wide, limit: 5, cursor: first.nextCursor ?? "" });
    expect([first.items.length, second.items.length]).toEqual([1, 2]);
  });
});

describe("pages", () => {
  const many = Array.from({ length: 60 }, (_, at) => `${["get", "list", "delete", "send"][at % 4]}_widget_${at}`);

  beforeAll(async () => {
    await emptyCatalog();
    for (let at = 0; at < 6; at += 1) {
      await addServer({ source: `npm:widgets-${at}`, name: `Widgets ${at}`, tools: many.slice(at * 10, at * 10 + 10) });
    }
  });

  async function walk(asked: CatalogSearch<"tools">, between: (page: number) => Promise<void> = async () => {}) {
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 200; page += 1) {
      const { items, nextCursor } = await searchCatalog({ ...asked, cursor });
      seen.push(...items.map(({ server, name }) => `${server.slug}/${name}`));
      if (nextCursor === null) return seen;
      cursor = nextCursor;
      await between(page);
    }
    throw new Error("there is no end");
  }

  it.each([
    ["without a query", {}],
    ["of names that begin so", { q: "get_widget" }],
    ["of words", { q: "widget" }],
    ["of words and beginnings", { q: "widget 1" }],
    ["of any of the words", { q: "widget nonsense" }],
    ["with a filter", { q: "widget", severity: "critical" as const }],
  ])("%s hold the same as one large page, in the same order", async (_, asked) => {
    const whole = await walk({ of: "tools", limit: 100, ...asked });
    expect(whole.length).toBeGreaterThan(10);
    expect(await walk({ of: "tools", limit: 7, ...asked })).toEqual(whole);
    expect(await walk({ of: "tools", limit: 1, ...asked })).toEqual(whole);
    expect(new Set(whole).size).toBe(whole.length);
  });

  it.each([
    ["without a query", {}],
    ["of names that begin so", { q: "get_widget" }],
    ["of words", { q: "widget" }],
  ])("%s leave nothing out and show nothing twice while others come and go", async (_, asked) => {
    const before = await walk({ of: "tools", limit: 100, ...asked });
    const server = await addServer({
      source: `npm:meanwhile-${before.length}-${JSON.stringify(asked)}`,
      name: "Meanwhile",
    });
    const seen = await walk({ of: "tools", limit: 5, ...asked }, async (page) => {
      await addTools(server.id, [`get_widget_meanwhile_${page}`, `a_widget_${page}`, `zz_delete_widget_${page}`]);
      if (page > 0)
        await database().catalogTool.deleteMany({ where: { serverId: server.id, name: `a_widget_${page - 1}` } });
    });
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((tool) => before.includes(tool))).toEqual(before);
    await database().catalogServer.delete({ where: { id: server.id } });
  });
});
