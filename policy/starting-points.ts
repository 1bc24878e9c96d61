import { type RiskCategory, riskCategories, type Severity, severities, severityOf } from "../catalog/schema.ts";
import { type ArgumentPath, argumentPaths } from "./argument-paths.ts";
import { firstLimit } from "./blocks.ts";
import { isGlob } from "./glob.ts";
import { documentBytesMax, type Group, type Limit, type PolicyDocument, type ToolRule, toolsMax } from "./schema.ts";

// Documents to begin a policy with. Each can be published as it is.

export type StartingTool = { name: string; category: RiskCategory; severity: Severity; inputSchema?: unknown };
export type StartingPointId = "recommended" | "read_only" | "limits" | "deny_all";

export const startingPoints: readonly { id: StartingPointId; title: string; about: string }[] = [
  {
    id: "recommended",
    title: "Recommended for this server",
    about:
      "Each tool by name: reading is free, writing and running are limited, money and the unknown ask a person, destruction is hidden. New tools are denied.",
  },
  { id: "read_only", title: "Read only", about: "Tools that only read are allowed. Everything else is denied." },
  {
    id: "limits",
    title: "Allow all with limits",
    about: "Every tool is allowed, the more dangerous the less often.",
  },
  { id: "deny_all", title: "Deny all", about: "Nothing is allowed until you allow it, tool by tool." },
];

/** The text of a starting point for a server's tools. Tools whose names are globs cannot be named, so they stay denied. */
export function startingDocument(id: StartingPointId, tools: readonly StartingTool[]): string {
  switch (id) {
    case "recommended":
      return fitting(tools, recommended);
    case "read_only":
      return textOf({ version: "1", description: "Read only", default: "deny", categories: { Read: {} } });
    case "limits":
      return fitting(tools, allWithLimits);
    case "deny_all":
      return textOf({ version: "1", default: "deny", tools: {} });
  }
}

function recommended(tools: readonly StartingTool[]): PolicyDocument {
  const hide = tools.filter(({ category }) => category === "Destructive").map(({ name }) => name);
  const shown = tools.filter(({ category }) => category !== "Destructive");
  const roles = roleDenials(shown);
  return {
    version: "1",
    description: "Recommended for this server",
    default: "deny",
    ...(hide.length > 0 ? { hide } : {}),
    ...(roles.length > 0 ? { all_tools: { deny_if: roles } } : {}),
    tools: Object.fromEntries(shown.map((tool) => [tool.name, recommendedRule(tool)])),
  };
}

function recommendedRule(tool: StartingTool): ToolRule {
  const isCritical = tool.severity === "critical";
  if (tool.category === "Financial" || tool.category === "Other" || isCritical) return { action: "require_approval" };
  const severity = stricter(tool.severity, severityOf[tool.category]);
  if (severity === "low") return {};
  const limits = [limitFor(`${tool.name}_rate`, severity)];
  const groups = tool.category === "Execute" ? argumentRules(tool) : {};
  return { ...groups, limits };
}

function stricter(one: Severity, other: Severity): Severity {
  return severities.indexOf(one) > severities.indexOf(other) ? one : other;
}

function limitFor(counter: string, severity: Severity): Limit {
  return { counter, ...firstLimit[severity], scope: "grant" };
}

/** A caller that names its own role can name any; what one tool reads, the others may read undeclared. */
function roleDenials(tools: readonly StartingTool[]): Group[] {
  const paths = tools.flatMap(({ inputSchema }) => argumentPaths(inputSchema).map(({ path }) => path));
  const roles = paths.filter((path) => /^args\._*(?:caller|requester|actor)_?role$/i.test(path));
  return [...new Set(roles)].map((path) => ({
    conditions: [{ path, op: "exists", value: true }],
    on_deny: "A caller may not name its own role.",
  }));
}

/** What an argument of each sort must not be, by its name. RE2 patterns. */
const dangers: readonly { name: RegExp; pattern: string; reason: string }[] = [
  {
    name: /^(?:(?:file|dir|working|output|input|root)_?)?(?:path|file|filename|directory|dir|cwd|folder)s?$/i,
    pattern: "(^|[/\\\\])\\.\\.([/\\\\]|$)",
    reason: "A path may not climb out with `..`.",
  },
  {
    name: /ur[il]s?$/i,
    pattern:
      "(?i)^(file:|[a-z+]+://([^/@]*@)?(localhost|0\\.|127\\.|10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|169\\.254\\.|\\[))",
    reason: "Internal addresses and files are not reachable from here.",
  },
  {
    name: /sql/i,
    pattern: "(?i)\\b(drop|truncate|delete|alter|grant|revoke)\\b",
    reason: "Only statements that neither delete nor change what the database is.",
  },
];

/** No pattern can tell which command is harmless, so a person reads it. */
const commandName = /^(?:command|cmd|script|shell|code|expression)s?$/i;

function argumentRules({ inputSchema }: StartingTool): ToolRule {
  const texts = argumentPaths(inputSchema).filter(({ types }) => types?.length === 1 && types[0] === "string");
  const nameOf = ({ path }: ArgumentPath) => path.replaceAll("[*]", "").split(".").at(-1) ?? "";
  const deny = texts
    .filter(({ choices }) => choices === null)
    .flatMap((argument) =>
      dangers
        .filter(({ name }) => name.test(nameOf(argument)))
        .map(
          ({ pattern, reason }): Group => ({
            conditions: [{ path: argument.path, op: "regex", value: pattern }],
            on_deny: reason,
          }),
        ),
    );
  const ask = texts
    .filter((argument) => argument.choices === null && commandName.test(nameOf(argument)))
    .map(({ path }) => ({
      conditions: [{ path, op: "exists" as const, value: true }],
      message: "A command can do anything; read it first.",
    }));
  return { ...(deny.length > 0 ? { deny_if: deny } : {}), ...(ask.length > 0 ? { approve_if: ask } : {}) };
}

/** By category, so that a new tool is limited as well; by name where a tool is not as dangerous as its category. */
function allWithLimits(tools: readonly StartingTool[]): PolicyDocument {
  const limited = (severity: Severity): ToolRule => ({
    limits: [{ ...limitFor("calls", severity), key: "tool.name" }],
  });
  const unusual = tools.filter(({ category, severity }) => severityOf[category] !== severity);
  const named = unusual.map(({ name, severity }): [string, ToolRule] => [
    name,
    { limits: [limitFor(`${name}_rate`, severity)] },
  ]);
  return {
    version: "1",
    description: "Allow all with limits",
    default: "deny",
    categories: Object.fromEntries(riskCategories.map((category) => [category, limited(severityOf[category])])),
    ...(named.length > 0 ? { tools: Object.fromEntries(named) } : {}),
  };
}

/** What was called on a server, by tool. Maxima are those of one grant by the clock (UTC). */
export type Traffic = {
  /** RFC 3339. */
  from: string;
  to: string;
  calls: number;
  tools: {
    tool: string;
    /** Refused ones too. */
    calls: number;
    refused: number;
    perMinuteMax: number;
    perHourMax: number;
    perDayMax: number;
    grants: number;
  }[];
};

/**
 * A policy that allows what was used, as often as it was used at most. A tool that was never called, or only ever
 * refused, is not in it and so denied. The windows are the calendar's, as the maxima are: the same calls again would all
 * pass.
 */
export function fromTraffic(traffic: Traffic, tools: readonly StartingTool[]): string {
  const used = new Map(traffic.tools.filter(({ calls, refused }) => calls > refused).map((each) => [each.tool, each]));
  return fitting(
    tools.filter(({ name }) => used.has(name)),
    (fitted) => {
      const rows = fitted.flatMap(({ name }) => used.get(name) ?? []);
      return {
        version: "1",
        description: evidenceOf(traffic, rows),
        default: "deny",
        tools: Object.fromEntries(rows.map((row) => [row.tool, { limits: observedLimits(row) }])),
      };
    },
  );
}

function observedLimits({ tool, perMinuteMax, perDayMax }: Traffic["tools"][number]): Limit[] {
  const calendar = { scope: "grant", reset: "calendar" } as const;
  const day: Limit = { counter: `${tool}_day`, window: "day", max: perDayMax, ...calendar };
  // When a whole day's calls came in one minute, the day says it all.
  if (perMinuteMax >= perDayMax) return [day];
  return [{ counter: `${tool}_minute`, window: "minute", max: perMinuteMax, ...calendar }, day];
}

const evidenceToolsMax = 20;

function evidenceOf({ from, to, calls }: Traffic, rows: readonly Traffic["tools"][number][]): string {
  const count = (number: number) => number.toLocaleString("en-US");
  const shown = [...rows].sort((a, b) => b.calls - a.calls).slice(0, evidenceToolsMax);
  const more = rows.length > shown.length ? ` and ${rows.length - shown.length} more` : "";
  const each = shown.map((row) => `${row.tool} ${count(row.calls)}`).join(", ");
  return `From ${count(calls)} ${calls === 1 ? "call" : "calls"} of ${from.slice(0, 10)} to ${to.slice(0, 10)}${each && `: ${each}${more}`}`;
}

/** The document for as many of the tools as a document holds; those past it are denied by default. */
function fitting(
  tools: readonly StartingTool[],
  documentOf: (tools: readonly StartingTool[]) => PolicyDocument,
): string {
  const named = new Map(tools.filter(({ name }) => name !== "" && !isGlob(name)).map((tool) => [tool.name, tool]));
  for (let fitted = [...named.values()].slice(0, toolsMax); ; fitted = fitted.slice(0, Math.floor(fitted.length / 2))) {
    const text = textOf(documentOf(fitted));
    if (fitted.length === 0 || new TextEncoder().encode(text).length <= documentBytesMax) return text;
  }
}

function textOf(document: PolicyDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
