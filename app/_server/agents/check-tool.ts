import * as z from "zod";
import { presences, type ToolParameter } from "../../../catalog/facts.ts";
import { parametersOf } from "../../../catalog/parameters.ts";
import { type RecommendedPolicy, recommendedForTool } from "../../../policy/recommend.ts";
import { nearest } from "../../../policy/suggest.ts";
import type { ToolDetail } from "../../api/v1/catalog-schemas.ts";
import { recommendedForCatalogTool } from "../catalog/recommended.ts";
import { allToolsForPolicy } from "../catalog/servers.ts";
import { findCatalogTool } from "../catalog/tools.ts";
import { type AgentTool, type Said, Trouble } from "./agent-tool.ts";
import { type JudgedDefinition, judge } from "./definitions.ts";
import { findServer } from "./find-server.ts";
import { findingWords } from "./finding-words.ts";
import { quoted, shortQuote, shown } from "./others-words.ts";
import { pageOfTool } from "./search-catalog.ts";
import { argument, category, definition, serverName, severity, signal } from "./shapes.ts";

const input = z.strictObject({
  server: serverName.optional(),
  tool: z.string().min(1).max(256).optional().describe("The tool's name, exactly as its server lists it"),
  definition: definition.optional(),
});

const judgement = z.strictObject({
  category,
  severity,
  confidence: z.number().describe("0 to 1"),
  signals: z.array(signal).describe("The evidence in the definition, the strongest for the worst first"),
  findings: z.array(z.string()).describe("What a person should look at"),
  arguments: z.array(argument),
  recommended: z.enum(["allow", "limit", "approve", "hide"]),
});
type Judgement = z.input<typeof judgement>;

const output = judgement.extend({
  tool: z.string().describe("As its server names it: somebody else's text"),
  server: z.string().nullable(),
  presence: z.enum(presences).nullable(),
  sameAsCatalog: z
    .boolean()
    .nullable()
    .describe("Whether the definition given is the one that the catalog judged; null when there is nothing to compare"),
  page: z.string().nullable(),
});

const argumentsMax = 40;
const signalsMax = 10;

export const checkTool: AgentTool<typeof input, typeof output> = {
  name: "check_tool",
  title: "Check a tool",
  description:
    "How dangerous one tool is, with the evidence. Give server and tool for one in the catalog, or the definition of any tool; give all three to learn whether the server still lists the tool that was judged.",
  input,
  output,
  async answer({ server, tool, definition: given }) {
    if (given === undefined) {
      if (server === undefined || tool === undefined) {
        return new Trouble("Give either `server` and `tool`, or the tool's `definition`.");
      }
      const known = await knownTool(server, tool);
      return known instanceof Trouble ? known : said(tool, ofCatalog(known), known, null);
    }
    const judged = judge(given);
    if (judged instanceof Trouble) return judged;
    const name = tool ?? given.name;
    const known = server === undefined ? null : await knownTool(server, name);
    if (known === null) return said(name, ofDefinition(judged), null, null);
    // What the server lists now can be judged all the same.
    if (known instanceof Trouble) return said(name, ofDefinition(judged), null, null, known.sentence);
    const isSame = known.definitionHash === null ? null : known.definitionHash === judged.hash;
    return said(name, ofDefinition(judged), known, isSame);
  },
};

function said(
  name: string,
  view: Judgement,
  known: ToolDetail | null,
  sameAsCatalog: boolean | null,
  more?: string,
): Said<z.input<typeof output>> {
  const data = {
    ...view,
    tool: shown(name),
    server: known?.server.slug ?? null,
    presence: known?.presence ?? null,
    sameAsCatalog,
    page: known === null ? null : pageOfTool(known.server.slug, known.name),
  };
  return { text: [textOf(data), ...(more === undefined ? [] : [more])].join("\n"), data };
}

async function knownTool(server: string, name: string): Promise<ToolDetail | Trouble> {
  const found = await findServer(server);
  if (found instanceof Trouble) return found;
  const tool = await findCatalogTool(found.slug, name);
  if (tool) return tool;
  const names = (await allToolsForPolicy(found.slug)).map((one) => one.name);
  const near = nearest(name, names);
  const meant = near === null ? "`search_catalog` lists what it has." : `The nearest is ${quoted(near)}.`;
  return new Trouble(
    `${quoted(found.slug)} has no tool ${quoted(name)} in the catalog. ${meant} A tool that the server lists and the catalog does not have can be judged by its \`definition\`.`,
  );
}

function ofCatalog(tool: ToolDetail): Judgement {
  const { category, severity, confidence, signals, findings, parameters } = tool;
  const codes = findings.map(({ code }) => code);
  return viewOf({ category, severity, confidence, signals, codes, parameters }, recommendedForCatalogTool(tool));
}

function ofDefinition({ tool, classification }: JudgedDefinition): Judgement {
  const { category, severity, confidence, signals, findings } = classification;
  const codes = findings.map(({ code }) => code);
  const parameters = parametersOf(tool.inputSchema);
  return viewOf({ category, severity, confidence, signals, codes, parameters }, recommendedForTool(tool));
}

type Known = Pick<ToolDetail, "category" | "severity" | "confidence" | "signals"> & {
  codes: readonly string[];
  parameters: readonly ToolParameter[];
};

function viewOf({ signals, codes, parameters, ...judged }: Known, policy: RecommendedPolicy): Judgement {
  return {
    ...judged,
    signals: signals.slice(0, signalsMax).map((one) => ({ ...one, quote: shortQuote(one.quote) })),
    findings: [...new Set(codes)].map(findingWords),
    arguments: parameters
      .slice(0, argumentsMax)
      .map(({ name, types, required, declared }) => ({ name: shown(name), types, required, declared })),
    recommended: policy.kind,
  };
}

const advice = {
  allow: "may be called freely",
  limit: "should be limited",
  approve: "should wait for a person each time",
  hide: "should be hidden from agents",
} as const;

function textOf(data: z.input<typeof output>): string {
  const { tool, server, category, severity, confidence, signals, findings, recommended, sameAsCatalog } = data;
  const undeclared = data.arguments.filter(({ declared }) => !declared).map(({ name }) => quoted(name));
  const evidence = signals.flatMap(({ quote, source }) => (quote === null ? [] : [`${quoted(quote)} (${source})`]));
  return [
    `${quoted(tool)}${server === null ? "" : ` of ${quoted(server)}`} is ${category}, ${severity} (confidence ${confidence}): it ${advice[recommended]}.`,
    ...(evidence.length === 0 ? [] : [`Evidence: ${evidence.slice(0, 5).join(", ")}.`]),
    ...findings,
    ...(undeclared.length === 0 ? [] : [`It reads arguments that it does not declare: ${undeclared.join(", ")}.`]),
    ...(sameAsCatalog === false ? ["This is not the definition that the catalog judged: it has been changed."] : []),
  ].join("\n");
}
