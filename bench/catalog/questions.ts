// What people and agents ask of the catalog, each time something else.
import { catalogEvents } from "../../app/_server/catalog/events.ts";
import { relatedServers, relatedTools } from "../../app/_server/catalog/related.ts";
import { type CatalogSearch, searchCatalog } from "../../app/_server/catalog/search.ts";
import { allToolsForPolicy, findCatalogServer, toolsOfCatalogServer } from "../../app/_server/catalog/servers.ts";
import { findCatalogTool } from "../../app/_server/catalog/tools.ts";
import { catalogTotals } from "../../app/_server/catalog/totals.ts";
import { type MadeServer, type MadeTool, madeServer } from "./fill.ts";
import { oneVerb, things } from "./words.ts";

export type Question = { what: string; ask(chance: () => number): Promise<unknown> };

/** @param servers How many there are. */
export function questions(servers: number): Question[] {
  const oneServer = (chance: () => number) => madeServer(Math.floor(chance() * servers));
  const oneTool = (chance: () => number): { server: MadeServer; tool: MadeTool } => {
    const server = oneServer(chance);
    const tool = server.tools[Math.floor(chance() * server.tools.length)];
    if (tool === undefined) throw new Error("a server without tools");
    return { server, tool };
  };
  const tools = (what: string, q: (chance: () => number) => string, more: Partial<CatalogSearch> = {}): Question => ({
    what: `tools: ${what}`,
    ask: (chance) => searchCatalog({ ...more, of: "tools", q: q(chance) }),
  });
  const rare = (chance: () => number) => brandOf(oneServer(chance));
  const spoken = (chance: () => number) => `${oneVerb(chance).verb} ${oneTool(chance).tool.thing}`;
  return [
    tools("a rare word", rare),
    tools("a common word", (chance) => oneVerb(chance).verb),
    tools("the commonest word", () => "get"),
    tools("a thing", (chance) => oneTool(chance).tool.thing),
    tools("a parameter", () => "limit"),
    tools("one letter", (chance) => oneVerb(chance).verb.slice(0, 1)),
    tools("two letters", (chance) => oneVerb(chance).verb.slice(0, 2)),
    tools("while it is typed", (chance) => begun(oneTool(chance).tool.name, chance)),
    tools("a name", (chance) => oneTool(chance).tool.name),
    tools("two words", spoken),
    tools("server and word", (chance) => {
      const { server, tool } = oneTool(chance);
      return `${brandOf(server)} ${tool.thing}`;
    }),
    tools("a slip in a common word", (chance) => slipped(things[Math.floor(chance() * 60)] ?? "", chance)),
    tools("a slip in a rare word", (chance) => slipped(rare(chance), chance)),
    tools("a sentence", (chance) => `how can I ${spoken(chance)} with ${rare(chance)}`),
    tools("nothing there", (chance) => `qx${Math.floor(chance() * 1e9).toString(36)}`),
    tools("common, of a rare kind", (chance) => oneVerb(chance).verb, { sourceKind: "url", category: "Financial" }),
    tools("two words, one severity", spoken, { severity: "critical" }),
    tools("no query", () => ""),
    tools("no query, filtered", () => "", { category: "Destructive", evidence: "harvest" }),
    { what: "servers: a rare word", ask: (chance) => searchCatalog({ of: "servers", q: rare(chance) }) },
    { what: "servers: common words", ask: () => searchCatalog({ of: "servers", q: "mcp server" }) },
    {
      what: "servers: while it is typed",
      ask: (chance) => searchCatalog({ of: "servers", q: begun(rare(chance), chance) }),
    },
    { what: "servers: no query", ask: () => searchCatalog({ of: "servers" }) },
    {
      what: "servers: filtered",
      ask: () => searchCatalog({ of: "servers", category: "Financial", sourceKind: "url" }),
    },
    {
      what: "a server's page",
      ask: async (chance) => {
        const { slug } = oneServer(chance);
        await findCatalogServer(slug);
        await toolsOfCatalogServer(slug, { limit: 100 });
        await catalogEvents({ slug, limit: 10 });
        await catalogTotals();
      },
    },
    { what: "a server's related ones", ask: (chance) => relatedServers(oneServer(chance).slug) },
    { what: "a policy for a server", ask: (chance) => allToolsForPolicy(oneServer(chance).slug) },
    {
      what: "a tool's page",
      ask: async (chance) => {
        const { server, tool } = oneTool(chance);
        if ((await findCatalogTool(server.slug, tool.name)) === null)
          throw new Error(`${server.slug} lacks ${tool.name}`);
        await findCatalogServer(server.slug);
        await catalogTotals();
      },
    },
    {
      what: "a tool's related ones",
      ask: (chance) => {
        const { server, tool } = oneTool(chance);
        return relatedTools({ server, name: tool.name });
      },
    },
    { what: "totals", ask: () => catalogTotals() },
    { what: "events", ask: () => catalogEvents() },
  ];
}

const pagesMax = 1_000;
const lastPages = 50;

/** Lists that are walked from page to page; the last of a thousand pages count. */
export const walks: { what: string; asked: CatalogSearch<"tools"> }[] = [
  { what: "page 1,000: no query", asked: { of: "tools" } },
  { what: "page 1,000: filtered", asked: { of: "tools", severity: "critical" } },
  { what: "page 1,000: get…", asked: { of: "tools", q: "get" } },
];

/** Asks for page after page. @returns The number of the last one, and how it was asked for each of the last fifty. */
export async function walk(asked: CatalogSearch<"tools">): Promise<{ pages: number; last: CatalogSearch<"tools">[] }> {
  const seen = new Set<string>();
  const last: CatalogSearch<"tools">[] = [];
  let cursor: string | undefined;
  for (let page = 1; ; page += 1) {
    last.push({ ...asked, cursor });
    if (last.length > lastPages) last.shift();
    const { items, nextCursor } = await searchCatalog({ ...asked, cursor });
    for (const { server, name } of items) {
      if (seen.has(`${server.slug}/${name}`)) throw new Error(`${server.slug}/${name} is there twice`);
      seen.add(`${server.slug}/${name}`);
    }
    if (nextCursor === null || page === pagesMax) return { pages: page, last };
    cursor = nextCursor;
  }
}

function brandOf({ slug }: MadeServer): string {
  return slug.split("-")[0] ?? slug;
}

function begun(word: string, chance: () => number): string {
  return word.slice(0, 2 + Math.floor(chance() * Math.max(1, word.length - 3)));
}

/** One letter left out, doubled, or swapped with the next. */
function slipped(word: string, chance: () => number): string {
  const at = 1 + Math.floor(chance() * Math.max(1, word.length - 2));
  const [before, letter, after] = [word.slice(0, at), word.charAt(at), word.slice(at + 1)];
  const kind = chance();
  if (kind < 0.33) return before + after;
  if (kind < 0.66) return before + letter + letter + after;
  return before + after.charAt(0) + letter + after.slice(1);
}
