// Which argument paths documents mention, and what a policy has to know of them to decide a call of one tool.
import type { RiskCategory } from "../catalog/schema.ts";
import type { Policy, Rule } from "./compile.ts";
import { hidingRule, ruleFor } from "./evaluate.ts";
import { parsePath } from "./path.ts";
import type { Operator, PolicyDocument, ToolRule } from "./schema.ts";

/**
 * What a policy reads at a path: `type`, when any value of the wrong type decides alike and so does its absence; `scalar`, when
 * arrays and objects decide alike; `content`, when all of the value may matter.
 */
export type ArgumentNeed = { path: string; reads: "type" | "scalar" | "content" };

/**
 * The `args.…` paths of conditions, `increment_from` and `key`, sorted, each once.
 *
 * @param documents Documents, or their texts; whatever cannot be read mentions nothing.
 */
export function mentionedPaths(documents: Iterable<string | PolicyDocument>): string[] {
  const paths = new Set<string>();
  for (const document of documents) {
    for (const rule of rulesOf(typeof document === "string" ? readJson(document) : document)) {
      for (const list of ["require", "deny_if", "approve_if"]) {
        for (const group of items(rule[list])) {
          for (const condition of items(members(group).conditions)) add(members(condition).path);
        }
      }
      for (const limit of items(rule.limits)) {
        add(members(limit).increment_from);
        add(members(limit).key);
      }
    }
  }
  return [...paths].sort();

  function add(path: unknown): void {
    if (typeof path !== "string") return;
    const parsed = parsePath(path);
    if (parsed.ok && parsed.path.root === "args") paths.add(path);
  }
}

function rulesOf(document: unknown): Record<string, unknown>[] {
  const { all_tools, categories, tools } = members(document);
  return [all_tools, ...Object.values(members(categories)), ...Object.values(members(tools))].map(members);
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What has to be known of the arguments so that `evaluate` decides a call of this tool as it would with all of them. */
export function argumentNeeds(policy: Policy, tool: string, category: RiskCategory): ArgumentNeed[] {
  const own = ruleFor(policy, tool, category);
  if (hidingRule(policy, tool, own) !== null) return [];
  if (own === null && policy.default !== "allow") return [];
  const rules = [own, policy.allTools].filter((rule) => rule !== null);
  if (rules.some(({ action }) => action === "deny")) return [];
  const needs = new Map<string, ArgumentNeed["reads"]>();
  for (const { path, reads } of rules.flatMap((rule) => needsOf(written(policy, rule)))) {
    const before = needs.get(path);
    if (before === undefined || depth[reads] > depth[before]) needs.set(path, reads);
  }
  return [...needs].map(([path, reads]) => ({ path, reads }));
}

const depth: Record<ArgumentNeed["reads"], number> = { type: 0, scalar: 1, content: 2 };

function needsOf(rule: ToolRule): ArgumentNeed[] {
  const groups = [...(rule.require ?? []), ...(rule.deny_if ?? []), ...(rule.approve_if ?? [])];
  return [
    ...groups.flatMap(({ conditions }) => conditions.map(({ path, op }) => ({ path, reads: readBy(op) }))),
    ...(rule.limits ?? []).flatMap(({ increment_from, key }) => [
      ...(increment_from === undefined ? [] : [{ path: increment_from, reads: "type" as const }]),
      ...(key === undefined ? [] : [{ path: key, reads: "scalar" as const }]),
    ]),
  ].filter(({ path }) => path.startsWith("args."));
}

function readBy(op: Operator): ArgumentNeed["reads"] {
  switch (op) {
    case "exists":
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return "type";
    case "regex":
      return "scalar";
    case "eq":
    case "neq":
    case "in":
    case "not_in":
    case "contains":
      return "content";
  }
}

/** A compiled rule as it stands in the document. */
function written({ document }: Policy, { pointer }: Rule): ToolRule {
  const [place = "", ...name] = pointer.split("/").slice(1);
  const key = name.join("/").replaceAll("~1", "/").replaceAll("~0", "~");
  if (place === "tools") return document.tools?.[key] ?? {};
  if (place === "categories") return document.categories?.[key as RiskCategory] ?? {};
  return document.all_tools ?? {};
}
