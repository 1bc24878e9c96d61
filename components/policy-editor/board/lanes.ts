import { Ban, Check, EyeOff, Gauge, Hand } from "lucide-react";
import type { Lane } from "../../../policy/edit.ts";
import type { actions, ToolRule } from "../../../policy/schema.ts";

type Action = (typeof actions)[number];

/** The lanes of the board, from most to least open. */
export const lanes: readonly {
  lane: Lane;
  label: string;
  /** Where there is little room. */
  short: string;
  Icon: typeof Ban;
  hint: string;
  /** What an empty lane says. */
  empty: string;
  /** Colours of the icon's tile. */
  tile: string;
  text: string;
}[] = [
  {
    lane: "allow",
    label: "Allow",
    short: "Allow",
    Icon: Check,
    hint: "Calls go through",
    empty: "Nothing runs freely",
    tile: "bg-ok-soft text-ok",
    text: "text-ok",
  },
  {
    lane: "limit",
    label: "Limit",
    short: "Limit",
    Icon: Gauge,
    hint: "So many in a time",
    empty: "No tool has a limit",
    tile: "bg-warn-soft text-warn",
    text: "text-warn",
  },
  {
    lane: "approve",
    label: "Ask a person",
    short: "Ask",
    Icon: Hand,
    hint: "Somebody decides",
    empty: "Nobody is asked",
    tile: "bg-hold-soft text-hold",
    text: "text-hold",
  },
  {
    lane: "deny",
    label: "Deny",
    short: "Deny",
    Icon: Ban,
    hint: "Refused, but listed",
    empty: "Nothing is refused",
    tile: "bg-danger-soft text-danger",
    text: "text-danger",
  },
  {
    lane: "hide",
    label: "Hide",
    short: "Hide",
    Icon: EyeOff,
    hint: "Refused, not listed",
    empty: "Nothing is hidden",
    tile: "bg-raised text-ink-muted",
    text: "text-ink-muted",
  },
];

export function laneWords(lane: Lane): (typeof lanes)[number] {
  const found = lanes.find((each) => each.lane === lane);
  if (!found) throw new Error(`no lane ${lane}`);
  return found;
}

/** The lane whose words say what a rule's `action` does. */
export const laneOfAction: Record<Action, Lane> = {
  allow: "allow",
  require_approval: "approve",
  deny: "deny",
  hide: "hide",
};

export function laneOfRule(rule: ToolRule): Lane {
  const lane = laneOfAction[rule.action ?? "allow"];
  if (lane !== "allow") return lane;
  if (rule.deny_if?.some(({ conditions }) => conditions.length === 0)) return "deny";
  if (rule.approve_if?.length) return "approve";
  return rule.limits?.length || rule.rate_limit ? "limit" : "allow";
}
