import { riskCategories } from "../catalog/schema.ts";
import type { BlockList, Edit, RuleTarget } from "./edit.ts";
import { generateRule, pick, type Random, toolNames } from "./generate.test-support.ts";
import { actions, type ToolRule } from "./schema.ts";

/** Names that could be mistaken for something else. */
export const hostileNames = ["__proto__", "constructor", "7", "ü/~1 ~0", "\u2028\ud800", 'q"\\', "hasOwnProperty"];
const lists: readonly BlockList[] = ["require", "deny_if", "approve_if", "limits"];

export function generateTarget(random: Random): RuleTarget {
  const kind = random();
  if (kind < 0.6) {
    const tool = pick(random, [...toolNames, ...hostileNames]);
    return random() < 0.7 ? { tool, category: pick(random, riskCategories) } : { tool };
  }
  if (kind < 0.8) return { entry: pick(random, ["a*", "*", "zz*", "**"]) };
  return kind < 0.9 ? { category: pick(random, riskCategories) } : { allTools: true };
}

/** An item for a list, as a generated rule has them. */
export function generateItem(random: Random): Pick<Edit & { kind: "put_block" }, "list" | "item"> {
  for (;;) {
    const rule = generateRule(random) as ToolRule;
    const list = pick(random, lists);
    const item = rule[list]?.[0];
    if (item) return { list, item };
  }
}

export function generateEdit(random: Random): Edit {
  const target = generateTarget(random);
  const kind = random();
  if (kind < 0.35) {
    const index = random() < 0.5 ? null : pick(random, [0, 1, 5]);
    return { kind: "put_block", target, index, ...generateItem(random) };
  }
  if (kind < 0.55) return { kind: "remove_block", target, list: pick(random, lists), index: pick(random, [0, 1]) };
  if (kind < 0.62)
    return { kind: "set_rate_limit", target, rateLimit: pick(random, [null, { max: 3, window: "hour" as const }]) };
  if (kind < 0.7) return { kind: "set_reason", target, reason: pick(random, [null, "so"]) };
  if (kind < 0.78) return { kind: "set_action", target, action: pick(random, [null, ...actions]) };
  if (kind < 0.85) return { kind: "remove_rule", target };
  if (kind < 0.88) return { kind: "set_timezone", timezone: pick(random, [null, "Asia/Tokyo"]) };
  if (kind < 0.9) return { kind: "set_default", default: pick(random, ["allow", "deny", "hide"] as const) };
  const lane = pick(random, ["allow", "limit", "approve", "deny", "hide"] as const);
  return { kind: "set_lane", tool: pick(random, [...toolNames, ...hostileNames]), lane };
}
