// The policies that the catalog's pages show. Each can be published as it is.
import type { presences } from "../catalog/facts.ts";
import {
  deniedArguments,
  isNameable,
  isTooLarge,
  type Recommendation,
  recommendationFor,
  recommendedRule,
  type StartingTool,
  type WrittenPolicy,
  withDenials,
  written,
} from "./recommended-rules.ts";
import type { PolicyDocument, ToolRule } from "./schema.ts";
import { recommendedFor } from "./starting-points.ts";

export type { Recommendation, WrittenPolicy } from "./recommended-rules.ts";
export { schemaOf } from "./schema-of.ts";

export type RecommendedTool = StartingTool & {
  /** A tool that answers though the server does not list it is not named in the server's policy, and so denied. */
  presence?: (typeof presences)[number];
};

export type RecommendedPolicy = WrittenPolicy & {
  kind: Recommendation;
  /** What stays allowed under this document, and what does not. */
  remains: string;
};

/** The policy of a page about one tool: the tool with its rule, and nothing else. */
export function recommendedForTool(tool: RecommendedTool): RecommendedPolicy {
  const kind = recommendationFor(tool);
  const { ofAll, of } = deniedArguments([tool]);
  const rule = withDenials(recommendedRule(tool), [...ofAll, ...of(tool)]);
  const document: PolicyDocument =
    kind === "hide"
      ? { version: "1", default: "deny", hide: [tool.name] }
      : { version: "1", default: "deny", tools: ownName(tool.name, rule) };
  const policy = isNameable(tool.name) ? written(document) : null;
  if (policy === null || isTooLarge(policy.text)) {
    return {
      ...written(nothing),
      kind: "hide",
      remains: "No policy can name this tool, so this one hides every tool.",
    };
  }
  return { ...policy, kind, remains: `${fate(tool.name, kind, rule)} ${others}` };
}

const nothing: PolicyDocument = { version: "1", default: "hide" };

const others =
  "The document names no other tool, so every other tool of the server is denied: take the server's whole policy to keep using them.";

function fate(name: string, kind: Recommendation, rule: ToolRule): string {
  switch (kind) {
    case "allow":
      return rule.deny_if === undefined
        ? `${name} stays usable without a limit.`
        : `${name} stays usable without a limit, but not with ${argumentsIn(rule.deny_if)}.`;
    case "limit":
      return `${name} stays usable, but at most ${limitWords(rule)} for each grant, so a runaway agent is stopped${conditionWords(rule)}.`;
    case "approve":
      return `${name} stays usable, but each call waits until a person approves it${conditionWords({ ...rule, approve_if: undefined })}.`;
    case "hide":
      return `${name} is gone from the list that the agent sees, and a call of it is refused.`;
  }
}

function limitWords({ limits = [] }: ToolRule): string {
  return limits.map(({ max, window }) => `${max} calls in any ${window}`).join(" and ");
}

function conditionWords({ deny_if, approve_if }: ToolRule): string {
  const refused = deny_if === undefined ? "" : `; what it is given in ${argumentsIn(deny_if)} may get it refused`;
  const asked = approve_if === undefined ? "" : `; a call with ${argumentsIn(approve_if)} waits for a person`;
  return `${refused}${asked}`;
}

const argumentsShownMax = 3;

/** The arguments that groups look at, by name. */
function argumentsIn(groups: readonly { conditions: readonly { path: string }[] }[]): string {
  const paths = groups.flatMap(({ conditions }) => conditions.map(({ path }) => path.replace(/^args\./, "")));
  const names = [...new Set(paths)].map((name) => (name.length > 40 ? `${name.slice(0, 39)}…` : name));
  const shown = names.slice(0, argumentsShownMax).map((name) => `\`${name}\``);
  return names.length > argumentsShownMax ? `${shown.join(", ")} and others` : shown.join(" or ");
}

/** The policy of a whole server: each tool with the rule of its category, everything else denied. */
export function recommendedForServer(tools: readonly RecommendedTool[]): WrittenPolicy {
  return recommendedFor(
    tools.filter(({ presence }) => presence !== "unlisted"),
    tools,
  );
}

export type ShortPolicy = "rate_limit" | "deny" | "approve" | "hide";

/** The short forms that the answers to questions about a tool show, each a whole policy. */
export function policyWith(kind: ShortPolicy, tool: string): WrittenPolicy {
  const rules: Record<ShortPolicy, ToolRule> = {
    rate_limit: { rate_limit: { max: 10, window: 60 } },
    deny: { action: "deny", reason: `${tool} is blocked by the owner of this server.` },
    approve: { action: "require_approval" },
    hide: { action: "hide" },
  };
  const policy = isNameable(tool)
    ? written({ version: "1", default: "deny", tools: ownName(tool, rules[kind]) })
    : written(nothing);
  return isTooLarge(policy.text) ? written(nothing) : policy;
}

/** Not an assignment: `__proto__` is a name like any other. */
function ownName(name: string, rule: ToolRule): Record<string, ToolRule> {
  return Object.fromEntries([[name, rule]]);
}
