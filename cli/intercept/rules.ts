import {
  type Condition,
  conditionsMax,
  type Group,
  type Limit,
  type Scope,
  type ToolRule,
} from "../../policy/schema.ts";
import { argumentConditions, type Written } from "./conditions.ts";
import { type Bound, type Deny, limitOf, maxOf, readState, type StateBlock, windowOf } from "./counters.ts";
import { cut, type Fields, fieldsOf, jsonValueOf, listOf, textOf } from "./fields.ts";
import type { Notes, Place } from "./notes.ts";
import type { YamlNode } from "./yaml.ts";

/** What an agent reads when a tool is denied because its rules could not be carried over. */
export const deniedReason = "Denied: the rules of this tool could not all be converted.";

const ruleFields = ["name", "action", "rate_limit", "conditions", "on_deny", "state"] as const;
const conditionFields = ["path", "op", "value"] as const;
type RuleFields = Fields<(typeof ruleFields)[number]>;

/** Converts what one entry of `tools` holds. `tool` is "*" for the rules that hold for all tools. */
export function convertTool(tool: string, node: YamlNode, path: Place["path"], notes: Notes, scope: Scope): ToolRule {
  return new ToolConversion(tool, notes, scope).convert(node, path);
}

class ToolConversion {
  private readonly tool: string;
  private readonly notes: Notes;
  private readonly scope: Scope;
  /** Why the tool is denied; null when it is not. A reason that the author wrote goes first. */
  private denial: string | null = null;
  private isDeniedByAuthor = false;
  private readonly require: Group[] = [];
  private readonly limits: Limit[] = [];
  /** By counter name, in the order of the file. */
  private readonly blocks = new Map<string, StateBlock>();
  private readonly bounds = new Map<string, (Bound & { place: Place })[]>();

  constructor(tool: string, notes: Notes, scope: Scope) {
    this.tool = tool;
    this.notes = notes;
    this.scope = scope;
  }

  convert(node: YamlNode, path: Place["path"]): ToolRule {
    for (const { fields, place } of this.rulesIn(node, path)) this.readRule(fields, place);
    this.writeLimits();
    const rule: ToolRule = {};
    if (this.denial !== null) Object.assign(rule, { action: "deny", reason: this.denial });
    if (this.require.length > 0) rule.require = this.require;
    if (this.limits.length > 0) rule.limits = this.limits;
    return rule;
  }

  private readonly deny: Deny = (place, sentence) => {
    this.notes.add(
      place,
      "denied",
      `${sentence}; ${this.tool === "*" ? "every tool is" : `\`${cut(this.tool)}\` is`} denied`,
    );
    this.denial ??= deniedReason;
  };

  private rulesIn(node: YamlNode, path: Place["path"]): { fields: RuleFields; place: Place }[] {
    if (node.kind === "scalar" && node.value === null) return [];
    if (node.kind !== "map") {
      this.deny({ path, node }, "a tool must be a map with `rules`");
      return [];
    }
    const { rules } = fieldsOf(node, path, ["rules"], this.notes, this.deny);
    const items = listOf(rules);
    if (items === null) this.deny({ path: [...path, "rules"], node: rules ?? node }, "`rules` must be a list");
    const read: { fields: RuleFields; place: Place }[] = [];
    for (const [index, item] of (items ?? []).entries()) {
      const place = { path: [...path, "rules", index], node: item };
      if (item.kind === "map")
        read.push({ fields: fieldsOf(item, place.path, ruleFields, this.notes, this.deny), place });
      else this.deny(place, "a rule must be a map");
    }
    return read;
  }

  private readRule(fields: RuleFields, place: Place): void {
    const at = (field: string, node = fields[field as keyof RuleFields]): Place => ({
      path: [...place.path, field],
      node: node ?? place.node,
    });
    const [name, onDeny] = [textOf(fields.name) ?? "", textOf(fields.on_deny)];
    if (onDeny === null) this.notes.add(at("on_deny"), "left_out", "`on_deny` must be a text");
    const action = textOf(fields.action);
    const rate = textOf(fields.rate_limit);
    const conditions = listOf(fields.conditions);
    const state = fields.state === undefined ? null : readState(fields.state, at("state"), this.notes, this.deny);

    if (action !== "" && action !== "deny" && action !== "evaluate") {
      this.deny(at("action"), "`action` must be `evaluate` or `deny`");
    }
    if (conditions === null) this.deny(at("conditions"), "`conditions` must be a list");
    if (action === "deny") {
      if ((conditions ?? []).length > 0 || rate !== "") {
        this.deny(at("action"), "a rule that denies cannot have conditions or a rate there");
      }
      if (!this.isDeniedByAuthor) this.denial = onDeny || nameWords(name) || "Denied by policy.";
      this.isDeniedByAuthor = true;
      if (onDeny) this.leaveOutName(name, at("name"));
      return;
    }
    if (rate === null || rate !== "") this.readRate(rate ?? "", name, onDeny ?? "", at("rate_limit"));
    else if (conditions?.length === 0) {
      this.deny(place, "a rule without conditions does not say what it allows");
    } else if (onDeny) this.leaveOutName(name, at("name"));
    if (rate !== "" && (state !== null || (conditions ?? []).length > 0)) {
      this.notes.add(
        at("rate_limit"),
        "stricter",
        "a rate beside conditions or `state` is refused there; here all of it holds",
      );
    }
    if (state !== null) this.addBlock(state);
    this.readConditions(conditions ?? [], onDeny || nameWords(name), onDeny ?? "", state, at("conditions"));
  }

  private readRate(rate: string, name: string, onDeny: string, place: Place): void {
    const [, count = "", unit = ""] = /^\+?(\d+)\/(\w+)$/.exec(rate) ?? [];
    const max = Number(count);
    const window = windowOf(unit);
    if (window === null || !Number.isSafeInteger(max) || max < 1) {
      this.deny(place, "`rate_limit` must be a count and a window, such as `5/hour` (minute, hour or day)");
      return;
    }
    const counter = this.freeCounter(name === "" ? `calls each ${window}` : name);
    this.limits.push({
      counter,
      window,
      max,
      scope: this.scope,
      reset: "calendar",
      ...(onDeny ? { on_deny: onDeny } : {}),
    });
  }

  private addBlock(block: StateBlock): void {
    const { counter, place } = block;
    if (this.blocks.has(counter)) this.deny(place, `two rules of this tool count in \`${cut(counter)}\``);
    else this.blocks.set(counter, block);
  }

  private readConditions(
    items: readonly YamlNode[],
    groupOnDeny: string,
    limitOnDeny: string,
    own: StateBlock | null,
    list: Place,
  ): void {
    const conditions: Condition[] = [];
    let hasLimit = false;
    for (const [index, item] of items.entries()) {
      const place = { path: [...list.path, index], node: item };
      const written = this.readCondition(item, place);
      if (written === null) continue;
      if (written.path.startsWith("args.")) {
        const read = argumentConditions(written, place, this.notes);
        if (typeof read === "string") this.deny(place, read);
        else conditions.push(...read);
        continue;
      }
      const counter = this.counterOf(written.path, place);
      if (counter === null) continue;
      const { op, value } = written;
      const isLimit: boolean = !hasLimit && own?.counter === counter && (op === "lt" || op === "lte");
      hasLimit ||= isLimit;
      this.bounds.set(counter, [
        ...(this.bounds.get(counter) ?? []),
        { op, value, onDeny: limitOnDeny, isLimit, place },
      ]);
    }
    // Groups of `require` all have to hold, so a group that is too long is the same as several.
    for (let from = 0; from < conditions.length; from += conditionsMax) {
      const group: Group = { conditions: conditions.slice(from, from + conditionsMax) };
      if (groupOnDeny !== "") group.on_deny = groupOnDeny;
      this.require.push(group);
    }
  }

  private readCondition(item: YamlNode, place: Place): Written | null {
    if (item.kind !== "map") {
      this.deny(place, "a condition must be a map with `path`, `op` and `value`");
      return null;
    }
    const fields = fieldsOf(item, place.path, conditionFields, this.notes, this.deny);
    const [path, op] = [textOf(fields.path) ?? "", textOf(fields.op) ?? ""];
    const value = fields.value === undefined ? ({ ok: true, value: null } as const) : jsonValueOf(fields.value);
    if (!value.ok) this.deny({ path: [...place.path, "value"], node: fields.value ?? item }, value.sentence);
    else if (path.startsWith("args.") || path.startsWith("state.")) return { path, op, value: value.value };
    else this.deny(place, `the path \`${cut(path)}\` must start with \`args.\` or \`state.\``);
    return null;
  }

  /** The counter of this tool that a path names. Nothing here can look at the counters of another tool. */
  private counterOf(path: string, place: Place): string | null {
    const scopes = this.tool === "*" ? ["_global", "*"] : [this.tool];
    const own = scopes.map((name) => `state.${name}.`).find((start) => path.startsWith(start));
    if (own !== undefined) return path.slice(own.length);
    this.deny(place, `\`${cut(path)}\` is no counter of this tool, and a rule can look only at its own here`);
    return null;
  }

  private writeLimits(): void {
    for (const [counter, bounds] of this.bounds) {
      if (this.blocks.has(counter)) continue;
      const place = bounds[0]?.place;
      if (place) this.deny(place, `no \`state\` of this tool counts in \`${cut(counter)}\``);
    }
    for (const block of this.blocks.values()) this.writeLimit(block, this.bounds.get(block.counter) ?? []);
  }

  private writeLimit(block: StateBlock, bounds: readonly (Bound & { place: Place })[]): void {
    const counted = bounds.some(({ isLimit }) => isLimit);
    let lowest: { max: number; onDeny: string } | null = null;
    for (const bound of bounds) {
      const max = maxOf(counted ? bound : { ...bound, isLimit: true }, block);
      if (max === null) {
        this.deny(bound.place, `no limit says \`${cut(bound.op)}\` of a counter`);
      } else if (max === Number.POSITIVE_INFINITY) {
        this.notes.add(bound.place, "left_out", "this condition always holds");
      } else {
        if (counted && !bound.isLimit && block.step === null) {
          this.notes.add(
            bound.place,
            "stricter",
            "here the counter may not pass this bound at all; there the last call may",
          );
        }
        if (lowest === null || max < lowest.max) lowest = { max, onDeny: bound.onDeny };
      }
    }
    if (lowest === null) {
      // It limits nothing, but an amount that is no number is refused there all the same.
      const isNumber: Condition = { path: block.from, op: "lte", value: Number.MAX_VALUE };
      if (block.from !== "") this.require.push({ conditions: [isNumber] });
      if (this.denial === null)
        this.notes.add(block.place, "left_out", `\`${cut(block.counter)}\` is counted, but limits nothing`);
      return;
    }
    if (!counted) {
      const sentence =
        "there the counter stands still, because the rule that counts has no `lt` or `lte` on it; here it counts";
      this.notes.add(block.place, "stricter", sentence);
    }
    if (lowest.max < 0) {
      this.denial ??= lowest.onDeny || "Denied by policy.";
      return;
    }
    this.limits.push(
      limitOf({ ...block, counter: this.freeCounter(block.counter) }, lowest.max, lowest.onDeny, this.scope),
    );
  }

  /** A name is used once in a rule. */
  private freeCounter(name: string): string {
    const used = new Set(this.limits.map(({ counter }) => counter));
    let free = name;
    for (let count = 2; used.has(free); count += 1) free = `${name} ${count}`;
    return free;
  }

  private leaveOutName(name: string, place: Place): void {
    if (name !== "") this.notes.addOnce(place, "left_out", "names of rules have no place here; agents read `on_deny`");
  }
}

/** What the proxy answers when a rule says nothing itself. */
function nameWords(name: string): string {
  return name === "" ? "" : `Denied by rule "${name}"`;
}
