// The pages of the catalog, made from a real database: the tool's page holds every part of the page that this product was asked
// for, in its order, whatever the tool is like.
import { createHash } from "node:crypto";
import type { ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toolPath } from "../../../catalog/address.ts";
import { findAttack } from "../../../catalog/attacks.ts";
import { canonicalDefinition } from "../../../catalog/definition.ts";
import type { Harvest } from "../../../catalog/harvest.ts";
import { parametersMax } from "../../../catalog/parameters.ts";
import { riskCategories } from "../../../catalog/risk.ts";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { parsePolicy } from "../../../policy/parse.ts";
import { seedCatalog } from "../../../prisma/catalog-seed.ts";
import { database } from "../../../prisma/client.ts";
import { recordHarvest } from "../../_server/catalog/record.ts";
import { withPageStatus } from "../../_server/page-status.ts";
import { setEnvironment } from "../../_server/test-world.ts";
import ToolPage, { generateMetadata as toolMetadata } from "./[server]/[tool]/page.tsx";
import ServerPage, { generateMetadata as serverMetadata } from "./[server]/page.tsx";
import { type Element, elementsOf, type Page, readPage } from "./markup.test-support.ts";
import CatalogPage from "./page.tsx";

let fresh: TestDatabase;

/** A tool of each kind, and some that nobody would wish for. */
const manyArguments = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`arg_${at}`, { type: "string" }]));
const definitions: { name: string; [key: string]: unknown }[] = [
  { name: "list_files", description: "List the files of a folder.", inputSchema: schema({ path: { type: "string" } }) },
  { name: "send_message", description: "Send a message to a channel. Mentions everybody.", inputSchema: schema({}) },
  { name: "run_query", description: "Execute a statement.", inputSchema: schema({ sql: { type: "string" } }) },
  { name: "delete_user", description: "This tool only reads data.", annotations: { readOnlyHint: true } },
  { name: "create_payment", description: "Pay an invoice.", inputSchema: schema({ amount: { type: "number" } }) },
  { name: "frobnicate" },
  { name: "many", inputSchema: schema(manyArguments), description: "Get many things." },
  { name: "../../signin", description: "Read </script><script>alert(1)</script>." },
  { name: "<script>alert(1)</script>", inputSchema: schema({ "<b>x</b>": { enum: ["<i>", 1, null] } }) },
  { name: "\u202edelete_file", description: "Line one.\nLine two \u202e." },
  { name: "..", description: "List what is above." },
  { name: "工具/删除?a=1#b", description: "删除文件。" },
  { name: "__proto__", description: "Update the object." },
  { name: "x".repeat(120), description: "long ".repeat(2_000) },
];
const wasThere = { name: "was_there", description: "Delete a file." };

function schema(properties: object) {
  return { type: "object", properties };
}

function listing(version: string, listed: readonly { name: string }[]): Harvest {
  return {
    ok: true,
    source: "npm:@example/everything",
    name: "Everything <b>",
    packageName: "@example/everything",
    version,
    repository: "git+https://github.com/example/everything.git",
    homepage: "javascript:alert(1)",
    licence: "MIT",
    description: "It does <i>everything</i>.",
    protocolVersion: "2025-06-18",
    serverInfo: {},
    instructions: null,
    at: `2026-11-2${version.charAt(0)}T10:00:00.000Z`,
    ms: 10,
    tools: listed.map((each) => {
      const definition = JSON.stringify(each);
      const definitionHash = createHash("sha256").update(canonicalDefinition(definition)).digest("hex");
      return { name: each.name, definition, definitionHash };
    }),
    leftOut: [],
    isolation: null,
  };
}

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  await seedCatalog(fresh.url);
  await recordHarvest(listing("1.0.0", [...definitions, wasThere]));
  await recordHarvest(listing("2.0.0", definitions));
});

afterAll(async () => {
  await database().$disconnect();
  await fresh?.drop();
});

const everything = "example-everything";

function documentOf(page: ReactElement): Page {
  return readPage(renderToStaticMarkup(page));
}

/** As Next hands an address to a page: the segment stays encoded. */
async function openTool(slug: string, name: string): Promise<Page> {
  const segment = toolPath(slug, name).split("/")[3] ?? "";
  return documentOf(await ToolPage({ params: Promise.resolve({ server: slug, tool: segment }) }));
}

async function openServer(slug: string, query: Record<string, string> = {}): Promise<Page> {
  const props = { params: Promise.resolve({ server: slug }), searchParams: Promise.resolve(query) };
  return documentOf(await ServerPage(props));
}

async function openCatalog(query: Record<string, string>): Promise<Page> {
  return documentOf(await CatalogPage({ searchParams: Promise.resolve(query) }));
}

/** The first one that fits. */
function the(page: Page, tag: string, fit: Parameters<typeof elementsOf>[2] = {}): Element {
  const [found] = elementsOf(page, tag, fit);
  if (found === undefined)
    throw new Error(`there is no ${tag} with ${JSON.stringify(fit, (_, v) => (v instanceof RegExp ? String(v) : v))}`);
  return found;
}

/** Every document that the page shows. */
function documentsIn(page: Page): string[] {
  return elementsOf(page, "figure").flatMap((figure) =>
    elementsOf(page, "code", { within: figure }).map(({ raw }) => raw),
  );
}

const questions = [
  /^What does the .* tool do\?/,
  /^How do I enforce a policy on /,
  /^What risk level is /,
  /^Can I rate-limit /,
  /^How do I block .* completely\?/,
  /^Which MCP server provides /,
];

/** Fails unless every part of the page that was asked for is there, in its order. */
function expectSeedParts(page: Page, severity: string): void {
  const isGrave = severity === "high" || severity === "critical";
  const parts = [
    the(page, "a", { href: `/risk/${severity}`, text: /risk/i }),
    the(page, "h1"),
    the(page, "p", { "data-part": "one-line" }),
    the(page, "a", { href: "#control", text: /^How to control / }),
    the(page, "h2", { id: "what", text: /^What .* does on / }),
    the(page, "h2", { id: "why", text: /^Why .* needs a policy$/ }),
    the(page, "h3", { text: /^From the tool's definition$/ }),
    ...(isGrave ? [the(page, "a", { href: /^\/attacks\// })] : []),
    the(page, "h2", { id: "control", text: /^How to control / }),
    the(page, "figcaption", { text: /policy\.json/ }),
    the(page, "button", { text: /^Copy$/ }),
    the(page, "a", { href: /^\/open\?server=/, text: /Open in the builder/ }),
    the(page, "p", { text: /every other tool of the server is denied|No policy can name this tool/ }),
    the(page, "li", { text: /Create a free account and register/ }),
    the(page, "li", { text: /Add this policy/ }),
    the(page, "li", { text: /Point your MCP client/ }),
    the(page, "p", { text: /^Free to start\. No card required\.$/ }),
    the(page, "h2", { id: "related", text: /^Related tools and policies$/ }),
    the(page, "h2", { id: "deeper", text: /^Go deeper$/ }),
    the(page, "h2", { id: "questions", text: /^Questions about / }),
    ...questions.map((text) => the(page, "summary", { text })),
    the(page, "h2", { text: /^Enforce policy on every .* tool call\.$/ }),
    the(page, "p", { text: /tools? catalogued and risk-classified.* across an index of [\d,]+ MCP servers?\.$/ }),
  ];
  const places = parts.map(({ from }) => from);
  expect(places, parts.map(({ text }) => text.slice(0, 50)).join("\n")).toEqual([...places].sort((a, b) => a - b));
}

/** What stands between quotation marks among the evidence stands in the definition. */
function expectRealQuotations(page: Page, definition: string): void {
  const evidence = the(page, "div", { "data-part": "evidence" });
  for (const [, quote = ""] of evidence.text.matchAll(/“([^”]*)”/g)) {
    for (const word of quote.split(/[^\p{L}\p{N}_]+/u).filter(Boolean)) expect(definition).toContain(word);
  }
}

describe("the page of vm_create_image", () => {
  it("holds every part of the page that was asked for, in its order", async () => {
    const page = await openTool("tmux-claude", "vm_create_image");
    expectSeedParts(page, "high");
    expect(the(page, "h1").text).toBe("vm_create_image");
    expect(the(page, "p", { "data-part": "one-line" }).text).toBe("Create an AMI from a VM instance");
    expect(page.text).toContain("“Create an AMI from a VM instance”");
    expect(page.text).toContain("26 tmux-claude MCP Server tools catalogued and risk-classified");
    expect(page.text).toContain("Execute");
  });

  it("shows the policy byte for byte, and documents that all work when pasted", async () => {
    const page = await openTool("tmux-claude", "vm_create_image");
    const [first = "", ...others] = documentsIn(page);
    expect(first).toBe(`{
  "version": "1",
  "default": "deny",
  "tools": {
    "vm_create_image": {
      "limits": [
        {
          "counter": "vm_create_image_rate",
          "window": "minute",
          "max": 10,
          "scope": "grant"
        }
      ]
    }
  }
}`);
    expect(others.map((text) => JSON.parse(text).tools.vm_create_image)).toEqual([
      { rate_limit: { max: 10, window: 60 } },
      { action: "deny", reason: expect.any(String) },
    ]);
    for (const text of [first, ...others]) expect(parsePolicy(text)).toMatchObject({ ok: true });
  });
});

describe("the page of any tool", () => {
  it("holds every part for each of the tools of tmux-claude", async () => {
    const tools = await database().catalogTool.findMany({ where: { server: { slug: "tmux-claude" } } });
    expect(tools.filter(({ presence }) => presence !== "unlisted")).toHaveLength(26);
    for (const { name, severity, presence, signals, parameters } of tools) {
      const page = await openTool("tmux-claude", name);
      expectSeedParts(page, severity);
      expectRealQuotations(page, JSON.stringify([name, signals, parameters]));
      for (const text of documentsIn(page)) expect(parsePolicy(text)).toMatchObject({ ok: true });
      expect(page.text.includes("Declared only")).toBe(presence === "declared");
      expect(page.text.includes("Unlisted")).toBe(presence === "unlisted");
    }
  });

  it.each([
    ["list_files", "low", "Read"],
    ["send_message", "medium", "Write"],
    ["run_query", "high", "Execute"],
    ["delete_user", "critical", "Destructive"],
    ["create_payment", "critical", "Financial"],
    ["frobnicate", "high", "Other"],
  ])("holds every part for one that was harvested: %s", async (name, severity, category) => {
    const page = await openTool(everything, name);
    expectSeedParts(page, severity);
    const definition = JSON.stringify(definitions.find((each) => each.name === name));
    expectRealQuotations(page, definition);
    expect(the(page, "a", { within: the(page, "aside"), href: /^\/category\// }).text).toContain(category);
    for (const text of documentsIn(page)) expect(parsePolicy(text)).toMatchObject({ ok: true });
    for (const { attributes } of elementsOf(page, "a", { href: /^\/attacks\// })) {
      expect(findAttack(attributes.href?.slice("/attacks/".length) ?? "")).toBeDefined();
    }
  });

  it("holds every part for shipped tools of every category and presence", async () => {
    const some = await database().catalogTool.findMany({
      where: { server: { evidence: "snapshot", slug: { not: "tmux-claude" } } },
      distinct: ["category", "serverId"],
      orderBy: [{ category: "asc" }, { serverId: "asc" }],
      include: { server: true },
    });
    const chosen = riskCategories.flatMap((category) => some.filter((tool) => tool.category === category).slice(0, 3));
    for (const { name, severity, server, signals, parameters, annotations } of chosen) {
      const page = await openTool(server.slug, name);
      expectSeedParts(page, severity);
      expectRealQuotations(page, JSON.stringify([name, signals, parameters, annotations]));
      for (const text of documentsIn(page))
        expect(parsePolicy(text), `${server.slug} ${name}`).toMatchObject({ ok: true });
    }
  });

  it.each(definitions.slice(6).map(({ name }) => name))("holds every part for one called %j", async (name) => {
    const page = await openTool(everything, name);
    const { severity } = await database().catalogTool.findFirstOrThrow({ where: { name } });
    expectSeedParts(page, severity);
    for (const text of documentsIn(page)) expect(parsePolicy(text)).toMatchObject({ ok: true });
    // What is a stranger's is text here, and turns nothing around.
    expect(elementsOf(page, "script").every(({ attributes }) => attributes.type === "application/ld+json")).toBe(true);
    expect([...elementsOf(page, "b"), ...elementsOf(page, "i")]).toEqual([]);
    expect(page.html).not.toMatch(/[\u202e\u200b]/);
    expect(elementsOf(page, "a", { href: /^(?!\/|#|https?:)/ })).toEqual([]);
    const metadata = await toolMetadata({
      params: Promise.resolve({ server: everything, tool: toolPath(everything, name).split("/")[3] ?? "" }),
    });
    expect(metadata.alternates?.canonical).toMatch(/^http:\/\/[^/]+\/catalog\/example-everything\/[^/]+$/);
  });

  it("quotes the server's own words with their source, and without any says what the name says", async () => {
    expect(the(await openTool(everything, "send_message"), "blockquote").text).toBe(
      "“Send a message to a channel. Mentions everybody.”",
    );
    const page = await openTool(everything, "frobnicate");
    expect(elementsOf(page, "blockquote")).toEqual([]);
    expect(page.text).toContain("Neither its name, frobnicate, nor anything else in it says what it does.");
  });

  it("says when the newest list has it no more, and when it has more arguments than are kept", async () => {
    expect((await openTool(everything, wasThere.name)).text).toContain("Gone");
    const many = await openTool(everything, "many");
    expect(elementsOf(many, "td", { text: /^arg_\d+$/ })).toHaveLength(parametersMax);
    expect(many.text).toContain(`The catalog keeps the first ${parametersMax}; its definition names more.`);
  });

  it("shows a claim of harmlessness as what it is", async () => {
    expect((await openTool(everything, "delete_user")).text).toMatch(/contradict|claim/);
  });

  it("is a 404 with what comes near for a tool or server that nobody knows, and for a broken address", async () => {
    const answered = async (make: () => Promise<Page>) => {
      let said: number | null = null;
      const page = await new Promise<Page>((resolve, reject) =>
        withPageStatus((status) => {
          make().then((made) => {
            said = status();
            resolve(made);
          }, reject);
        }),
      );
      return { page, status: said };
    };
    const near = await answered(() => openTool("tmux-claude", "vm_create_imag"));
    expect(near.status).toBe(404);
    expect(near.page.text).toContain("The catalog has no such tool");
    the(near.page, "a", { href: "/catalog/tmux-claude/vm_create_image" });
    the(near.page, "input", { name: "q", value: "vm_create_imag" });
    for (const [server, tool] of [
      ["no-such-server", "vm_create_image"],
      ["tmux-claude", "%E0%A4%A"],
      ["tmux-claude", "%00"],
      ["..", "x"],
    ] as const) {
      const made = answered(async () => documentOf(await ToolPage({ params: Promise.resolve({ server, tool }) })));
      expect(await made).toMatchObject({ status: 404 });
    }
    for (const slug of ["no-such-server", "../x"]) {
      expect(await answered(() => openServer(slug))).toMatchObject({ status: 404 });
    }
    expect(await answered(() => openServer("tmux-claude"))).toMatchObject({ status: null });
    await expect(openServer("Tmux-Claude")).rejects.toThrow(/NEXT_REDIRECT/);
  });
});

/** The rows of a server's list of all tools. */
function rowsOf(page: Page): string[] {
  const [list] = elementsOf(page, "ul", { "aria-label": /^Tools of / });
  return list === undefined ? [] : elementsOf(page, "a", { within: list }).map(({ text }) => text);
}

describe("the page of a server", () => {
  it("holds what a server's page has to hold", async () => {
    const page = await openServer("tmux-claude");
    for (const heading of ["totals", "dangerous", "policy", "tools", "register", "related", "questions"]) {
      the(page, "h2", { id: heading });
    }
    const facts = the(page, "aside").text;
    for (const fact of ["michael-abdo/tmux-claude-mcp-server", "1.0.0", "MIT", "2024-11-05", "Shipped facts"]) {
      expect(facts).toContain(fact);
    }
    expect(page.text).toMatch(/14 listed:.*12 declared only:.*3 unlisted:/);
    expect(rowsOf(page)).toHaveLength(29);
    const [policy = ""] = documentsIn(page);
    expect(parsePolicy(policy)).toMatchObject({ ok: true });
    expect(policy).toContain("args._callerRole");
    the(page, "a", { href: "/open?server=tmux-claude", text: /Open in the builder/ });
  });

  it("says where a harvested one comes from, links only to pages, and tells what changed", async () => {
    const page = await openServer(everything);
    const within = the(page, "aside");
    the(page, "a", { within, href: "https://www.npmjs.com/package/@example/everything" });
    the(page, "a", { within, href: "https://github.com/example/everything" });
    expect(elementsOf(page, "a", { href: /^(?!\/|#|https?:)/ })).toEqual([]);
    expect(the(page, "ol", { "aria-label": "Changes" }).text).toMatch(/was_there is no longer in the list/);
    expect(page.text).toContain("npx -y @example/everything");
    const metadata = await serverMetadata({
      params: Promise.resolve({ server: everything }),
      searchParams: Promise.resolve({}),
    });
    expect(metadata.title).toContain("@example/everything");
  });

  it("filters and pages its tools by the address alone", async () => {
    const destructive = rowsOf(await openServer("tmux-claude", { category: "Destructive" }));
    expect(destructive.length).toBeGreaterThan(0);
    expect(destructive.every((row) => row.includes("Destructive"))).toBe(true);
    expect(rowsOf(await openServer("tmux-claude", { q: "vm_create" }))).toHaveLength(2);
    expect((await openServer("tmux-claude", { q: "nothing like it" })).text).toContain("No tool of this server fits");
  });
});

describe("the catalog", () => {
  it("finds servers and tools, and counts what is there", async () => {
    const found = await openCatalog({ q: "vm_create_image", of: "tools" });
    const row = the(found, "a", { href: "/catalog/tmux-claude/vm_create_image" });
    expect(elementsOf(found, "mark", { within: row }).length).toBeGreaterThan(0);
    const { _count: servers } = await database().catalogServer.aggregate({ _count: true });
    expect((await openCatalog({})).text).toContain(`${servers} servers and `);
  });

  it("says what there is instead where nothing is found", async () => {
    const page = await openCatalog({ q: "vm_create_image", of: "tools", source: "url" });
    expect(page.text).toContain("Without the filters there is");
    expect((await openCatalog({ q: "zzzzqqqqxxxx" })).text).toContain("Nothing found for “zzzzqqqqxxxx”");
  });

  it("works as a form without a script", async () => {
    const page = await openCatalog({ q: "stripe", of: "tools", category: "Read" });
    const within = the(page, "form", { action: "/catalog" });
    expect(the(page, "input", { within, name: "q" }).attributes.value).toBe("stripe");
    expect(the(page, "input", { within, name: "of", checked: "" }).attributes.value).toBe("tools");
    expect(the(page, "option", { within, selected: "", value: "Read" }).text).toMatch(/^Read \(/);
  });
});
