import * as z from "zod";
import { serverPath, toolPath } from "../../../catalog/address.ts";
import type { ServerCard, ToolCard } from "../../api/v1/catalog-schemas.ts";
import { searchCatalog as search } from "../catalog/search.ts";
import { settings } from "../environment.ts";
import type { AgentTool } from "./agent-tool.ts";
import { quoted, shown } from "./others-words.ts";
import { category, resultsMax, serverHit, severity, toolHit } from "./shapes.ts";

const input = z.strictObject({
  query: z.string().max(200).optional().describe("Words or the beginning of a name; left out: the riskiest first"),
  of: z.enum(["servers", "tools"]).default("servers"),
  category: category.optional(),
  severity: severity.optional(),
  limit: z.int().min(1).max(resultsMax).default(10),
  cursor: z.string().max(500).optional().describe("`nextCursor` of the page before"),
});

const output = z.strictObject({
  servers: z.array(serverHit),
  tools: z.array(toolHit),
  nextCursor: z.string().nullable(),
});

export const searchCatalog: AgentTool<typeof input, typeof output> = {
  name: "search_catalog",
  title: "Search the catalog",
  description:
    "Finds MCP servers, or tools of MCP servers, in a catalog that says how dangerous each tool is: Read, Write, Execute, Destructive, Financial or Other (nothing to go on).",
  input,
  output,
  async answer({ query, of, ...rest }) {
    const asked = { ...rest, q: query };
    if (of === "servers") {
      const { items, nextCursor } = await search({ ...asked, of: "servers" });
      const lines = items.map(
        ({ slug, version, toolCount, severity }) =>
          `- ${quoted(slug)} ${version === null ? "" : `${shown(version)}, `}${toolCount} tools${severity === null ? "" : `, worst ${severity}`}`,
      );
      return {
        text: textOf(lines, "servers", nextCursor),
        data: { servers: items.map(serverHitOf), tools: [], nextCursor },
      };
    }
    const { items, nextCursor } = await search({ ...asked, of: "tools" });
    const lines = items.map(
      ({ server, name, category, severity }) => `- ${quoted(name)} of ${quoted(server.slug)}: ${category}, ${severity}`,
    );
    return { text: textOf(lines, "tools", nextCursor), data: { servers: [], tools: items.map(toolHitOf), nextCursor } };
  },
};

function textOf(lines: readonly string[], what: string, nextCursor: string | null): string {
  if (lines.length === 0) return `No ${what} in the catalog fit. A name that is not found is not thereby harmless.`;
  const more = nextCursor === null ? "" : `\nThere are more: ask again with cursor ${nextCursor}`;
  return `${lines.join("\n")}${more}`;
}

export function serverHitOf(card: ServerCard): z.input<typeof serverHit> {
  const { slug, source, version, evidence, toolCount, severity } = card;
  return {
    server: slug,
    source: shown(source),
    version: version === null ? null : shown(version),
    evidence,
    tools: toolCount,
    severity,
    page: pageOf(serverPath(slug)),
  };
}

export function toolHitOf({ server, name, category, severity, presence }: ToolCard): z.input<typeof toolHit> {
  return {
    server: server.slug,
    tool: shown(name),
    category,
    severity,
    presence,
    page: pageOfTool(server.slug, name),
  };
}

export function pageOf(path: string): string {
  return `${settings().publicUrl}${path}`;
}

/** An address repeats the name. Where that is no name to repeat, the server's page has to do. */
export function pageOfTool(slug: string, name: string): string {
  return pageOf(shown(name) === name ? toolPath(slug, name) : serverPath(slug));
}
