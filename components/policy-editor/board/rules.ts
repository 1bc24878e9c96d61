import { type RiskCategory, riskCategories } from "../../../catalog/schema.ts";
import { blocksOf, type PlacedBlock } from "../../../policy/blocks.ts";
import { coveringRule, type Lane, type RuleTarget } from "../../../policy/edit.ts";
import { isGlob } from "../../../policy/glob.ts";
import { pointerOf } from "../../../policy/pointer.ts";
import type { PolicyDocument, ToolRule } from "../../../policy/schema.ts";
import type { EditorTool } from "../editor-tool.ts";
import { laneOfRule } from "./lanes.ts";
import { type Chip, chipsOf, type Marks, pointerOfRule } from "./places.ts";

/** A rule for more than one tool, as it stands above the lanes. */
export type ManyRule = {
  pointer: string;
  label: string;
  /** Names in code are set in another type. */
  isCode: boolean;
  target: RuleTarget;
  /** Null for the rule of all tools, which only adds to others, and where there is none yet. */
  lane: Lane | null;
  exists: boolean;
  chips: readonly Chip[];
};

/** The rule for all tools, then categories, then patterns; all tools is always there to drop a block on. */
export function manyRulesOf(document: PolicyDocument, marks: Marks): ManyRule[] {
  const all = document.all_tools;
  const categories = riskCategories.filter((category) => document.categories?.[category]);
  const globs = Object.entries(document.tools ?? {}).filter(([name]) => isGlob(name));
  return [
    {
      pointer: "/all_tools",
      label: "All tools",
      isCode: false,
      target: { allTools: true },
      lane: all?.action && all.action !== "allow" ? laneOfRule(all) : null,
      exists: all !== undefined,
      chips: all ? chipsOf(all, "/all_tools", marks) : [],
    },
    ...categories.map((category) => categoryRule(document, category, marks)),
    ...globs.map(([entry, rule]) => {
      const pointer = pointerOf(["tools", entry]);
      return {
        pointer,
        label: entry,
        isCode: true,
        target: { entry },
        lane: laneOfRule(rule),
        exists: true,
        chips: chipsOf(rule, pointer, marks),
      };
    }),
  ];
}

function categoryRule(document: PolicyDocument, category: RiskCategory, marks: Marks): ManyRule {
  const pointer = pointerOf(["categories", category]);
  const rule = document.categories?.[category] ?? {};
  return {
    pointer,
    label: category,
    isCode: false,
    target: { category },
    lane: laneOfRule(rule),
    exists: true,
    chips: chipsOf(rule, pointer, marks),
  };
}

/** Whose block: a tool's, by its name, or that of a rule for several tools, by the rule's pointer. */
export type BlockOwner = { tool: string } | { rule: string };
export type BlockPlace = { owner: BlockOwner; at: string };

/** A rule with what is needed to change it. */
export type RuleAt = {
  target: RuleTarget;
  rule: ToolRule;
  /** JSON Pointer; of the rule that covers it for a tool without one of its own. */
  pointer: string;
  tool: EditorTool | null;
};

/** The rule of an owner; null when there is none. */
export function ruleOf(document: PolicyDocument, tools: readonly EditorTool[], owner: BlockOwner): RuleAt | null {
  if ("rule" in owner) {
    const [root, name = ""] = stepsOf(owner.rule);
    const category = riskCategories.find((each) => each === name);
    if (root === "all_tools") return found({ allTools: true }, document.all_tools, owner.rule, null);
    if (root === "categories" && category) {
      return found({ category }, document.categories?.[category], owner.rule, null);
    }
    const own = document.tools && Object.hasOwn(document.tools, name) ? document.tools[name] : undefined;
    return found({ entry: name }, own, owner.rule, null);
  }
  const tool = tools.find(({ name }) => name === owner.tool);
  const covering = tool && coveringRule(document, tool.name, tool.category);
  if (!covering) return null;
  const pointer = pointerOfRule(document, tool, covering) ?? "";
  return found({ tool: tool.name, category: tool.category }, covering.rule, pointer, tool);
}

function found(
  target: RuleTarget,
  rule: ToolRule | undefined,
  pointer: string,
  tool: EditorTool | null,
): RuleAt | null {
  return rule ? { target, rule, pointer, tool } : null;
}

export function placedAt({ rule }: RuleAt, at: string): PlacedBlock | null {
  return blocksOf(rule).find((placed) => placed.at === at) ?? null;
}

/** The card or rule, and perhaps the block, that a JSON Pointer lies in; null where the board has nothing of it. */
export function ownerAt(
  document: PolicyDocument,
  tools: readonly EditorTool[],
  pointer: string,
): { owner: BlockOwner; at: string | null } | null {
  const [root, ...steps] = stepsOf(pointer);
  if (root === "all_tools") return { owner: { rule: "/all_tools" }, at: atOf(steps) };
  const [name = "", ...within] = steps;
  if (root === "categories" && name) return { owner: { rule: pointerOf(["categories", name]) }, at: atOf(within) };
  const hidden = root === "hide" ? document.hide?.[Number(name)] : undefined;
  if (hidden !== undefined) return isTool(tools, hidden) ? { owner: { tool: hidden }, at: null } : null;
  if (root !== "tools" || !name) return null;
  if (isTool(tools, name)) return { owner: { tool: name }, at: atOf(within) };
  return isGlob(name) ? { owner: { rule: pointerOf(["tools", name]) }, at: atOf(within) } : null;
}

function isTool(tools: readonly EditorTool[], name: string): boolean {
  return !isGlob(name) && tools.some((tool) => tool.name === name);
}

function atOf([list, index]: string[]): string | null {
  if (list === "rate_limit") return list;
  return list !== undefined && index !== undefined ? `${list}/${index}` : null;
}

function stepsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** How the page marks a block's chip. */
export function chipKey({ owner, at }: BlockPlace): string {
  return `${"tool" in owner ? `tool ${owner.tool}` : owner.rule} ${at}`;
}
