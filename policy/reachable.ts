import type { RiskCategory } from "../catalog/schema.ts";
import type { GroupRule, Policy, Rule } from "./compile.ts";
import type { CallView } from "./condition.ts";
import { hidingRule, ruleFor } from "./evaluate.ts";
import { type Truth, workMax } from "./operators.ts";
import type { Reach } from "./reach.ts";

export type { Reach } from "./reach.ts";

/** A tool as far as a policy can name it. */
export type KnownTool = { name: string; category: RiskCategory };

export type ReachableTool = {
  tool: string;
  reach: Reach;
  /** JSON Pointer to the reason: the first rule that bounds the tool, else the one that allows it. */
  pointer: string;
};

/**
 * What a grant can do with each tool, whatever it calls it with. What cannot be told without a call (an argument, the
 * time, who calls) is a condition; of the tool itself everything is known.
 */
export function reachable(policy: Policy, tools: readonly KnownTool[]): ReachableTool[] {
  return tools.map((tool) => ({ tool: tool.name, ...reachOf(policy, tool) }));
}

/** In the order of `evaluate`, so that the reason is the one that a call would be answered with. */
function reachOf(policy: Policy, tool: KnownTool): Omit<ReachableTool, "tool"> {
  const own = ruleFor(policy, tool.name, tool.category);
  const hidden = hidingRule(policy, tool.name, own);
  if (hidden !== null) return { reach: "never", pointer: hidden };
  if (own === null && policy.default !== "allow") return { reach: "never", pointer: "/default" };
  const rules = [own, policy.allTools].filter((rule) => rule !== null);
  const refusing = rules.find(({ action }) => action === "deny");
  if (refusing) return { reach: "never", pointer: `${refusing.pointer}/action` };

  const bounds = boundsOf(rules, tool);
  const never = bounds.find(({ reach }) => reach === "never");
  if (never) return never;
  const approval = bounds.find(({ reach }) => reach === "with_approval");
  return approval ?? bounds[0] ?? { reach: "freely", pointer: own?.pointer ?? "/default" };
}

function boundsOf(rules: readonly Rule[], tool: KnownTool): Omit<ReachableTool, "tool">[] {
  const bounds: Omit<ReachableTool, "tool">[] = [];
  const bound = (reach: Reach, pointer: string) => bounds.push({ reach, pointer });
  const groups = (field: "require" | "denyIf" | "approveIf", whenHolds: Reach | null, whenNot: Reach | null) => {
    for (const group of rules.flatMap((rule) => rule[field])) {
      const truth = truthOf(group, tool);
      const reach = truth === "unknown" ? "under_conditions" : truth === "holds" ? whenHolds : whenNot;
      if (reach !== null) bound(reach, group.pointer);
    }
  };
  groups("require", null, "never");
  groups("denyIf", "never", null);
  for (const { pointer, max, increment } of rules.flatMap(({ limits }) => limits)) {
    if (increment === 0) continue;
    bound(increment !== undefined && increment > max ? "never" : "under_conditions", pointer);
  }
  for (const { action, pointer } of rules) {
    if (action === "require_approval") bound("with_approval", `${pointer}/action`);
  }
  groups("approveIf", "with_approval", null);
  return bounds;
}

/** Of a group, what is true of every call of the tool. */
function truthOf({ conditions }: GroupRule, tool: KnownTool): Truth | "unknown" {
  let answer: Truth | "unknown" = "holds";
  for (const { root, holds, neverMet } of conditions) {
    if (neverMet) return "does_not_hold";
    if (root !== "tool.name" && root !== "tool.category") {
      answer = "unknown";
      continue;
    }
    const truth = holds(viewOf(tool));
    if (truth === "does_not_hold") return truth;
    // A number that is compared with a name: it counts against every caller, but as what depends on the group.
    if (truth === "indeterminate") answer = "unknown";
  }
  return answer;
}

/** A call of which only the tool is known; only conditions about the tool may look at it. */
function viewOf({ name, category }: KnownTool): CallView {
  const call = { tool: name, category, arguments: {}, now: 0, client: {}, session: {} };
  const nobody = { grant: { id: "", label: "" }, server: { id: "" }, organisation: { id: "" } };
  return { call: { ...call, ...nobody }, left: workMax, localTime: () => ({ hour: 0, weekday: 1 }) };
}
