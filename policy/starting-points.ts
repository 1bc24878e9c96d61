import { riskCategories, type Severity, severityOf } from "../catalog/schema.ts";
import {
  deniedArguments,
  fitting,
  limitFor,
  recommendationFor,
  recommendedRule,
  type StartingTool,
  type WrittenPolicy,
  withDenials,
  written,
} from "./recommended-rules.ts";
import type { Limit, PolicyDocument, ToolRule } from "./schema.ts";

// Documents to begin a policy with. Each can be published as it is.

export type { StartingTool } from "./recommended-rules.ts";

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
      return textOf(recommendedFor(tools, tools));
    case "read_only":
      return textOf(written({ version: "1", description: "Read only", default: "deny", categories: { Read: {} } }));
    case "limits":
      return textOf(fitting(tools, allWithLimits));
    case "deny_all":
      return textOf(written({ version: "1", default: "deny", tools: {} }));
  }
}

/** Each tool by the rule of what it can do; a tool that is not among them is denied.
 *
 * @param known All tools of the server, also those that the document must not name: what one of them reads, all may read.
 */
export function recommendedFor(tools: readonly StartingTool[], known: readonly StartingTool[]): WrittenPolicy {
  const denied = deniedArguments(known.filter((tool) => recommendationFor(tool) !== "hide"));
  return fitting(tools, (fitted) => {
    const hide = fitted.filter((tool) => recommendationFor(tool) === "hide").map(({ name }) => name);
    const shown = fitted.filter((tool) => recommendationFor(tool) !== "hide");
    return {
      version: "1",
      description: "Recommended for this server",
      default: "deny",
      ...(hide.length > 0 ? { hide } : {}),
      ...(denied.ofAll.length > 0 ? { all_tools: { deny_if: denied.ofAll } } : {}),
      tools: Object.fromEntries(shown.map((tool) => [tool.name, withDenials(recommendedRule(tool), denied.of(tool))])),
    };
  });
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
  return textOf(
    fitting(
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
    ),
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

/** With a line end: it is opened as a file. */
function textOf({ text }: WrittenPolicy): string {
  return `${text}\n`;
}
