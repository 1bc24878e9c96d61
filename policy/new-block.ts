import type { RiskCategory, Severity } from "../catalog/schema.ts";
import { type ArgumentPath, argumentPaths } from "./argument-paths.ts";
import { type BlockKind, itemOf, type KnownBlock } from "./block-items.ts";
import { coveringRule, type Edit, laneOf } from "./edit.ts";
import type { Condition, PolicyDocument, WindowName } from "./schema.ts";

// Blocks as they land from the palette. A new one refuses or asks rather too much than too little: what somebody has just put
// there must not let through what it is meant to stop, until they say how far.

type BlockTool = { name: string; severity: Severity; inputSchema?: unknown };

/** What a limit starts with, by how much a call can do. */
export const firstLimit: Readonly<Record<Severity, { max: number; window: WindowName }>> = {
  low: { max: 60, window: "minute" },
  medium: { max: 30, window: "minute" },
  high: { max: 10, window: "minute" },
  critical: { max: 1, window: "hour" },
};

/** A new block that fits a tool; null stands for a rule of several tools. Always valid, whatever the tool's schema is. */
export function newBlock(kind: BlockKind, tool: BlockTool | null): KnownBlock {
  const paths = argumentPaths(tool?.inputSchema);
  const shared = { scope: "grant", reset: "sliding" } as const;
  switch (kind) {
    case "rate_limit":
      return {
        kind,
        counter: tool ? `${tool.name}_rate` : "calls",
        ...firstLimit[tool?.severity ?? "medium"],
        ...shared,
      };
    case "spend_limit": {
      const amount = amountOf(paths);
      const max = Math.max(spendMax, amount?.minimum ?? 0);
      return { kind, path: amount?.path ?? "args.amount", counter: "spend", max, window: "day", ...shared };
    }
    case "must_be":
      return { kind, conditions: [requirement(subjectOf(paths))] };
    case "must_not_be":
      return { kind, conditions: [danger(paths.find(isTelling) ?? subjectOf(paths))] };
    case "hours":
      return { kind, from: 9, to: 17, weekdays: [1, 2, 3, 4, 5] };
    case "ask_when": {
      const subject = paths.find(isTelling) ?? subjectOf(paths);
      // An argument that may be left out would let calls pass unasked.
      return { kind, conditions: subject?.required ? [danger(subject)] : [] };
    }
  }
}

const spendMax = 50;

/** An argument that looks like money, else any single number that could be a quantity. */
function amountOf(paths: readonly ArgumentPath[]): ArgumentPath | undefined {
  const numbers = paths.filter(({ path, types }) => types?.includes("number") && !path.includes("[*]"));
  const isMoney = ({ path }: ArgumentPath) => /price|amount|cost|spend|budget|total|fee|usd|eur/i.test(path);
  // Adding up ids or pages says nothing.
  const isQuantity = ({ path }: ArgumentPath) => !/id$|page|limit|offset|skip|top$|port$|time|delay/i.test(path);
  return numbers.find(isMoney) ?? numbers.find(isQuantity);
}

/** The argument that a condition is most likely about: one with few values, then one that is a number or a text. */
function subjectOf(paths: readonly ArgumentPath[]): ArgumentPath | undefined {
  const ranked = [...paths].sort((a, b) => rank(a) - rank(b));
  return ranked[0];
}

function rank({ types, choices, required }: ArgumentPath): number {
  const isOptional = required ? 0 : 0.5;
  if (choices !== null) return isOptional;
  if (types === null) return 3 + isOptional;
  if (types.includes("number")) return 1 + isOptional;
  if (types.includes("string")) return 2 + isOptional;
  return types.includes("boolean") ? 2.2 + isOptional : 4 + isOptional;
}

/** Arguments that make a call more dangerous by being there, or by being true. */
function isTelling({ path }: ArgumentPath): boolean {
  return /caller_?role|(?:^|[._])(?:force|cascade|recursive|overwrite|purge)/i.test(path);
}

/** Switches that make a call harmless. */
function isHarmless({ path }: ArgumentPath): boolean {
  return /dry_?run|preview|simulat|read_?only/i.test(path);
}

/** Where no argument is known the name is a place to write one; warn-tools.ts says that there is none. */
const unknownPath = "args.name";
/** A longer list is not one that a person ticks. */
const choicesBytesMax = 4_096;

function requirement(subject: ArgumentPath | undefined): Condition {
  const path = subject?.path ?? unknownPath;
  const choices = subject && usableChoices(subject);
  if (choices) return { path, op: "in", value: choices };
  if (subject?.types?.length === 1 && subject.types[0] === "number") {
    return { path, op: "lte", value: subject.maximum ?? Math.max(subject.minimum ?? 0, 0) };
  }
  if (subject?.types?.includes("boolean")) return { path, op: "eq", value: isHarmless(subject) };
  // Of an empty list nothing is a member: every call is refused until somebody says what is allowed.
  return { path, op: "in", value: [] };
}

function danger(subject: ArgumentPath | undefined): Condition {
  const path = subject?.path ?? unknownPath;
  const choices = subject && usableChoices(subject);
  if (choices) return { path, op: "in", value: choices };
  if (subject?.types?.length === 1 && subject.types[0] === "number") {
    return { path, op: "gt", value: subject.minimum ?? 0 };
  }
  if (subject?.types?.includes("boolean")) return { path, op: "eq", value: !isHarmless(subject) };
  return { path, op: "exists", value: true };
}

function usableChoices({ choices }: ArgumentPath): unknown[] | null {
  if (choices === null || choices.length === 0 || choices.length > 100) return null;
  const isPlain = choices.every(
    (choice) => ["string", "boolean"].includes(typeof choice) || Number.isFinite(choice) || choice === null,
  );
  return isPlain && JSON.stringify(choices).length <= choicesBytesMax ? [...new Set(choices)] : null;
}

/**
 * What dropping a block from the palette on a tool does. A denied or hidden tool is first allowed, with everything else
 * that its rule says: a block on a refused tool would never fire. What a glob in `hide` or `all_tools` refuses stays so.
 */
export function dropBlock(
  document: PolicyDocument,
  tool: BlockTool & { category: RiskCategory },
  kind: BlockKind,
): Edit[] {
  const target = { tool: tool.name, category: tool.category };
  const put: Edit = { kind: "put_block", target, index: null, ...itemOf(newBlock(kind, tool)) };
  const { lane, because } = laneOf(document, tool);
  if ((lane !== "deny" && lane !== "hide") || because === "all_tools") return [put];
  const rule = coveringRule(document, tool.name, tool.category)?.rule;
  const refusing = [...(rule?.deny_if ?? []).entries()].filter(([, { conditions }]) => conditions.length === 0);
  const { action, reason } = rule ?? {};
  const isRefused = action === "deny" || action === "hide";
  return [
    // Denied rather than allowed: that takes the tool from `hide` and leaves its limits and approvals.
    { kind: "set_lane", ...target, lane: "deny" },
    { kind: "set_action", target, action: isRefused ? null : (action ?? null) },
    // It explained the refusal.
    ...(isRefused && reason !== undefined ? [{ kind: "set_reason", target, reason: null } as const] : []),
    ...refusing.map(([index]) => ({ kind: "remove_block", target, list: "deny_if", index }) as const).reverse(),
    put,
  ];
}
