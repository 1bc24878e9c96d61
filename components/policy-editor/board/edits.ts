import { type BlockKind, dropBlock, firstLimit, itemOf, newBlock } from "../../../policy/blocks.ts";
import { coveringRule, type Edit, type Lane, type RuleTarget } from "../../../policy/edit.ts";
import type { PolicyDocument, ToolRule } from "../../../policy/schema.ts";
import type { EditorTool } from "../editor-tool.ts";
import { whyNot } from "./block-kinds.ts";

/** Brings tools to a lane. Limits that a tool has already stay as they are. */
export function laneEdits(document: PolicyDocument, tools: readonly EditorTool[], lane: Lane): Edit[] {
  return tools.map(({ name, category, severity }) => {
    const rule = lane === "limit" ? coveringRule(document, name, category)?.rule : undefined;
    const isFirst = lane === "limit" && !rule?.limits?.length && !rule?.rate_limit;
    return { kind: "set_lane", tool: name, category, lane, ...(isFirst ? { limit: firstLimit[severity] } : {}) };
  });
}

/** Puts a new block on tools; those for which it makes no sense are left out. */
export function blockEdits(document: PolicyDocument, tools: readonly EditorTool[], kind: BlockKind): Edit[] {
  return tools.filter((tool) => whyNot(kind, tool) === null).flatMap((tool) => dropBlock(document, tool, kind));
}

/**
 * Puts a new block on a rule for several tools. As for one tool, what is refused is allowed first: the block would never
 * fire.
 */
export function ruleBlockEdits(rule: ToolRule | null, target: RuleTarget, kind: BlockKind): Edit[] {
  const put: Edit = { kind: "put_block", target, index: null, ...itemOf(newBlock(kind, null)) };
  const opens = !("allTools" in target) && (rule === null || rule.action === "deny" || rule.action === "hide");
  return opens ? [{ kind: "set_action", target, action: rule === null ? "allow" : null }, put] : [put];
}
