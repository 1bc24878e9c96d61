import type { RiskCategory } from "../catalog/schema.ts";
import { isDeepEqual } from "./deep-equal.ts";
import { isGlob } from "./glob.ts";
import { parseJson, plainValue } from "./json.ts";
import { coveringRule, type LaneMove, moveToLane, ownRule, shownAgain, withField } from "./lanes.ts";
import { rewrite } from "./rewrite.ts";
import {
  type ApprovalGroup,
  type actions,
  approvalGroupSchema,
  type Group,
  groupSchema,
  type Limit,
  limitSchema,
  type PolicyDocument,
  type RateLimit,
  rateLimitSchema,
  type ToolRule,
} from "./schema.ts";
import { checkShape } from "./shape.ts";

export { type Because, coveringRule, type Lane, laneOf } from "./lanes.ts";

/** Whose rule an edit changes. */
export type RuleTarget =
  /**
   * By its exact name. A tool without an entry of its own first gets a copy of what covers it; without `category` the
   * rule of its category is not known, and where there are such rules the copy denies.
   */
  | { tool: string; category?: RiskCategory }
  /** An entry of `tools` exactly as it is written; for globs. */
  | { entry: string }
  | { category: RiskCategory }
  | { allTools: true };

export type BlockList = "require" | "deny_if" | "approve_if" | "limits";
type Action = (typeof actions)[number];

export type Edit =
  | ({ kind: "set_lane" } & LaneMove)
  | { kind: "set_default"; default: PolicyDocument["default"] }
  /** Puts an item in the place of the one at `index`; null, or an index past the end, puts it behind the others. */
  | {
      kind: "put_block";
      target: RuleTarget;
      list: BlockList;
      index: number | null;
      item: Group | ApprovalGroup | Limit;
    }
  /** A list that gets empty goes away. */
  | { kind: "remove_block"; target: RuleTarget; list: BlockList; index: number }
  | { kind: "set_rate_limit"; target: RuleTarget; rateLimit: RateLimit | null }
  | { kind: "set_reason"; target: RuleTarget; reason: string | null }
  | { kind: "set_action"; target: RuleTarget; action: Action | null }
  /** The rule goes, and its tools fall back to what else covers them. A tool named in `hide` leaves that list too. */
  | { kind: "remove_rule"; target: RuleTarget }
  | { kind: "set_timezone"; timezone: string | null };

type RuleEdit = Extract<Edit, { target: RuleTarget }>;

const minimalDocument = '{\n  "version": "1",\n  "default": "deny"\n}\n';

/**
 * Applies one edit to the text of a document. Key order, layout and everything the edit does not concern stay; a blank
 * text becomes a minimal document first.
 *
 * @returns The text unchanged when it is no document (syntax, shape), when what is put into it has not the shape of its
 *   place, or when the tool's own name has a `*`: an entry of that name would be a rule for other tools as well.
 */
export function applyEdit(text: string, edit: Edit): string {
  return applyEdits(text, [edit]);
}

/** Several edits at once, one after the other. Many times faster than `applyEdit` for each: the text is read once. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const source = text.trim() === "" ? minimalDocument : text;
  const document = readDocument(source);
  return document === null ? text : rewrite(source, editDocument(document, edits));
}

/** What `applyEdits` makes of the document of a text. Of what the edits do not concern the objects stay the same. */
export function editDocument(document: PolicyDocument, edits: readonly Edit[]): PolicyDocument {
  return edits.reduce(edited, document);
}

/** The document of a text; null when it is none. */
export function readDocument(text: string): PolicyDocument | null {
  const { root, problems } = parseJson(text);
  if (root === null || problems.length > 0) return null;
  const shape = checkShape(plainValue(root));
  return "document" in shape ? shape.document : null;
}

function edited(document: PolicyDocument, edit: Edit): PolicyDocument {
  switch (edit.kind) {
    case "set_lane":
      return moveToLane(document, edit);
    case "set_default":
      return { ...document, default: edit.default };
    case "set_timezone": {
      const { timezone: _timezone, ...others } = document;
      if (edit.timezone === null) return others;
      return withField(document, "timezone", edit.timezone, "description" in document ? "description" : "version");
    }
    case "remove_rule":
      return withoutRule(document, edit.target);
    case "put_block":
    case "remove_block":
    case "set_rate_limit":
    case "set_reason":
    case "set_action":
      return withRule(document, edit);
  }
}

function withRule(document: PolicyDocument, edit: RuleEdit): PolicyDocument {
  const { target } = edit;
  if ("tool" in target && (target.tool === "" || isGlob(target.tool))) return document;
  if ("entry" in target && target.entry === "") return document;
  const own = ruleAt(document, target);
  const before = own ?? firstRule(document, target);
  const rule = editedRule(before, edit);
  // Taking away what is not there makes no rule; an action is meant even when it is the one that holds anyway.
  if (own === undefined && edit.kind !== "set_action" && isDeepEqual(before, rule)) return document;
  if ("allTools" in target) return withField(document, "all_tools", rule, "hide" in document ? "hide" : "default");
  const name = "tool" in target ? target.tool : "entry" in target ? target.entry : null;
  if (name !== null) return withField(document, "tools", { ...document.tools, [name]: rule }, null);
  if (!("category" in target) || target.category === undefined) return document;
  const categories = { ...document.categories, [target.category]: rule };
  const after = (["all_tools", "hide", "default"] as const).find((field) => field in document) ?? null;
  return withField(document, "categories", categories, after);
}

function ruleAt(document: PolicyDocument, target: RuleTarget): ToolRule | undefined {
  if ("tool" in target) return ownRule(document, target.tool);
  if ("entry" in target) return ownRule(document, target.entry);
  if ("category" in target) return document.categories?.[target.category];
  return document.all_tools;
}

/**
 * What a rule that is not there yet starts with: what holds for its tools so far, so that adding a bound never opens
 * anything. Where that cannot be told for all of them, they are denied.
 */
function firstRule(document: PolicyDocument, target: RuleTarget): ToolRule {
  if ("allTools" in target) return {};
  const byDefault: ToolRule = document.default === "allow" ? {} : { action: document.default };
  const denied: ToolRule = { action: "deny" };
  const hasCategories = Object.keys(document.categories ?? {}).length > 0;
  if ("tool" in target) {
    const covering = coveringRule(document, target.tool, target.category);
    if (covering) return covering.rule;
    return hasCategories && target.category === undefined ? denied : byDefault;
  }
  if (!("entry" in target)) return byDefault;
  return hasCategories || Object.keys(document.tools ?? {}).some(isGlob) ? denied : byDefault;
}

function editedRule(rule: ToolRule, edit: RuleEdit): ToolRule {
  switch (edit.kind) {
    case "put_block":
      return withItem(rule, edit);
    case "remove_block": {
      const { [edit.list]: list, ...others } = rule;
      if (!list?.[edit.index]) return rule;
      const left = (list as unknown[]).filter((_, index) => index !== edit.index);
      return left.length === 0 ? others : { ...rule, [edit.list]: left };
    }
    case "set_rate_limit": {
      const { rate_limit: _rateLimit, ...others } = rule;
      if (edit.rateLimit === null) return others;
      return rateLimitSchema.safeParse(edit.rateLimit).success ? { ...rule, rate_limit: edit.rateLimit } : rule;
    }
    case "set_reason": {
      const { reason: _reason, ...others } = rule;
      return edit.reason === null ? others : { ...rule, reason: edit.reason };
    }
    case "set_action": {
      const { action: _action, ...others } = rule;
      if (edit.action === null) return others;
      return rule.action === undefined ? { action: edit.action, ...rule } : { ...rule, action: edit.action };
    }
    case "remove_rule":
      return rule;
  }
}

const itemSchemas = {
  require: groupSchema,
  deny_if: groupSchema,
  approve_if: approvalGroupSchema,
  limits: limitSchema,
} as const;

function withItem(rule: ToolRule, { list, index, item }: Edit & { kind: "put_block" }): ToolRule {
  // A text that is no document any more could not be edited any further.
  if (!itemSchemas[list].safeParse(item).success) return rule;
  const items: readonly (Group | ApprovalGroup | Limit)[] = rule[list] ?? [];
  const at = index === null || index < 0 || index > items.length ? items.length : index;
  const others = items.filter((_, nth) => nth !== at);
  const put = "counter" in item ? { ...item, counter: freeCounter(item.counter, others) } : item;
  return { ...rule, [list]: items.toSpliced(at, 1, put) };
}

/** A name is unique in its rule: two limits must not count in one counter. */
function freeCounter(wanted: string, others: readonly object[]): string {
  const taken = new Set(others.map((other) => ("counter" in other ? other.counter : undefined)));
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
  return name;
}

function withoutRule(document: PolicyDocument, target: RuleTarget): PolicyDocument {
  if ("allTools" in target) {
    const { all_tools: _allTools, ...others } = document;
    return others;
  }
  if ("tool" in target) return shownAgain(withoutEntry(document, target.tool), target.tool);
  // Whoever takes away a rule that `hide` kept from firing does not mean to show its tools.
  if ("entry" in target) {
    return ownRule(document, target.entry) ? withoutEntry(document, target.entry) : shownAgain(document, target.entry);
  }
  if (!document.categories) return document;
  const { [target.category]: _rule, ...categories } = document.categories;
  return { ...document, categories };
}

function withoutEntry(document: PolicyDocument, name: string): PolicyDocument {
  if (!document.tools) return document;
  const entries = Object.entries(document.tools).filter(([entry]) => entry !== name);
  return { ...document, tools: Object.fromEntries(entries) };
}
