import type { RiskCategory } from "../catalog/schema.ts";
import { compileGlob, compileNames, isGlob, literalsOf } from "./glob.ts";
import type { PolicyDocument, ToolRule, WindowName } from "./schema.ts";

// Where a tool stands, and how it gets to another place. The edits of a document are in edit.ts.

export type Lane = "allow" | "limit" | "approve" | "deny" | "hide";

/** What decides where a tool stands. */
export type Because = "hide" | "tool" | "glob" | "category" | "default" | "all_tools";

export type LaneMove = {
  tool: string;
  /**
   * The tool's category. A tool that has no entry of its own then keeps what its category's rule asks for; without
   * it only a glob's rule is kept.
   */
  category?: RiskCategory;
  lane: Lane;
  /** Only for `limit`: the numbers to set. Without it, limits that are there stay as they are. */
  limit?: { max: number; window: WindowName | number };
};

const limitDefault = { max: 10, window: "minute" } as const;

/** The document with the tool in another lane; the same when the tool's name is a glob. */
export function moveToLane(document: PolicyDocument, move: LaneMove): PolicyDocument {
  if (move.tool === "" || isGlob(move.tool)) return document;
  return move.lane === "hide" ? hidden(document, move.tool) : moved(document, move);
}

/**
 * Which control of the dashboard a tool stands on, and what put it there. Conditions of `require` and `deny_if` do not
 * change the lane; `custom` is a tool that asks for approval only sometimes.
 */
export function laneOf(
  document: PolicyDocument,
  tool: { name: string; category: RiskCategory },
): { lane: Lane | "custom"; because: Because } {
  if (isListedHidden(document, tool.name)) return { lane: "hide", because: "hide" };
  const covering = coveringRule(document, tool.name, tool.category);
  const own = covering
    ? { lane: ruleLane(covering.rule), because: covering.because }
    : { lane: document.default, because: "default" as const };
  const all = ruleLane(document.all_tools ?? {});
  // What all_tools refuses or asks about comes on top of every rule; its limits are every tool's and say nothing here.
  const isStricter = all !== "limit" && all !== "custom" && strictness[all] > strictness[own.lane];
  return isStricter ? { lane: all, because: "all_tools" } : own;
}

const strictness: Record<Lane | "custom", number> = { allow: 0, limit: 0, custom: 1, approve: 2, deny: 3, hide: 4 };

/** The tool's rule stays, so that showing the tool again brings it back. */
function hidden(document: PolicyDocument, tool: string): PolicyDocument {
  const own = ownRule(document, tool);
  if (compileNames(document.hide ?? [])(tool) || own?.action === "hide") return document;
  return withField(document, "hide", [...(document.hide ?? []), tool], "default");
}

function moved(document: PolicyDocument, move: LaneMove): PolicyDocument {
  const { tool, lane, limit, category } = move;
  const shown = shownAgain(document, tool);
  const own = ownRule(shown, tool);
  if (own && ruleLane(own) === lane && limit === undefined) return shown;
  // A copy of what covered the tool so far: its own entry replaces that rule, and must not drop its conditions.
  const rule = own ?? coveringRule(shown, tool, category)?.rule ?? {};
  return withField(shown, "tools", { ...shown.tools, [tool]: inLane(rule, move) }, null);
}

export function shownAgain(document: PolicyDocument, tool: string): PolicyDocument {
  if (!document.hide?.includes(tool)) return document;
  const { hide, ...rest } = document;
  const remaining = hide.filter((name) => name !== tool);
  return remaining.length === 0 ? rest : { ...document, hide: remaining };
}

function inLane(rule: ToolRule, { tool, lane, limit }: LaneMove): ToolRule {
  const { action, ...held } = rule;
  if (lane === "deny") return { action: "deny", ...held };
  const { deny_if, ...others } = held;
  // A group without conditions denies every call, whatever the lane says.
  const denyIf = deny_if?.filter((group) => group.conditions.length > 0);
  const open: ToolRule = denyIf?.length ? { ...others, deny_if: denyIf } : others;
  if (lane === "approve") return { action: "require_approval", ...open };
  const { approve_if: _approveIf, reason, ...unasked } = open;
  // A reason is a denial's or an approval's: with neither it says nothing. One that had no action to explain stays.
  const explained = action === undefined && reason !== undefined ? { ...unasked, reason } : unasked;
  if (lane === "limit") return limited(explained, tool, limit);
  const { limits: _limits, rate_limit: _rateLimit, ...free } = explained;
  return free;
}

function limited(rule: ToolRule, tool: string, limit: LaneMove["limit"]): ToolRule {
  const [first, ...others] = rule.limits ?? [];
  if (first) {
    if (!limit) return rule;
    const { reset, ...changed } = { ...first, ...limit };
    // Only a named window has a calendar.
    const kept = reset !== undefined && typeof limit.window === "string" ? { ...changed, reset } : changed;
    return { ...rule, limits: [kept, ...others] };
  }
  if (rule.rate_limit) return limit ? { ...rule, rate_limit: { ...limit } } : rule;
  const { max, window } = limit ?? limitDefault;
  return { ...rule, limits: [{ counter: `${tool}_rate`, window, max, scope: "grant" }] };
}

function ruleLane(rule: ToolRule): Lane | "custom" {
  if (rule.action === "hide" || rule.action === "deny") return rule.action;
  if (rule.deny_if?.some((group) => group.conditions.length === 0)) return "deny";
  if (rule.action === "require_approval") return "approve";
  if (rule.approve_if?.some((group) => group.conditions.length === 0)) return "approve";
  if (rule.approve_if?.length) return "custom";
  return rule.limits?.length || rule.rate_limit ? "limit" : "allow";
}

export function ownRule(document: PolicyDocument, tool: string): ToolRule | undefined {
  return document.tools && Object.hasOwn(document.tools, tool) ? document.tools[tool] : undefined;
}

/** As `evaluate` finds it: exact name, narrowest glob, category. */
export function coveringRule(
  document: PolicyDocument,
  tool: string,
  category: RiskCategory | undefined,
): { rule: ToolRule; because: "tool" | "glob" | "category" } | null {
  const own = isGlob(tool) ? undefined : ownRule(document, tool);
  if (own) return { rule: own, because: "tool" };
  const narrowest = globsOf(document).find(({ fits }) => fits(tool));
  if (narrowest) return { rule: narrowest.rule, because: "glob" };
  const rule = category && document.categories?.[category];
  return rule ? { rule, because: "category" } : null;
}

// A board asks about hundreds of tools of one document. What is prepared for it is kept as long as its parts are: no edit
// changes a document in place.
const hiders = new WeakMap<readonly string[], (tool: string) => boolean>();
const globRules = new WeakMap<object, readonly { rule: ToolRule; fits: (tool: string) => boolean }[]>();

function isListedHidden({ hide }: PolicyDocument, tool: string): boolean {
  if (!hide) return false;
  const hides = hiders.get(hide) ?? compileNames(hide);
  hiders.set(hide, hides);
  return hides(tool);
}

/** The rules of globs, the narrowest first. */
function globsOf({ tools }: PolicyDocument): readonly { rule: ToolRule; fits: (tool: string) => boolean }[] {
  if (!tools) return [];
  const known = globRules.get(tools);
  if (known) return known;
  const globs = Object.entries(tools)
    .filter(([name]) => isGlob(name))
    .sort(([a], [b]) => literalsOf(b) - literalsOf(a))
    .map(([name, rule]) => ({ rule, fits: compileGlob(name) }));
  globRules.set(tools, globs);
  return globs;
}

/** Sets a field; a new one goes behind `after`, or to the end. */
export function withField<Key extends keyof PolicyDocument>(
  document: PolicyDocument,
  key: Key,
  value: PolicyDocument[Key],
  after: keyof PolicyDocument | null,
): PolicyDocument {
  if (after === null || Object.hasOwn(document, key)) return { ...document, [key]: value };
  const fields = Object.entries(document).flatMap(([name, held]) =>
    name === after
      ? [
          [name, held],
          [key, value],
        ]
      : [[name, held]],
  );
  return Object.fromEntries(fields);
}
