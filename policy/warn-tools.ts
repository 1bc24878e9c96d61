import { check } from "./check.ts";
import { compile, type Policy } from "./compile.ts";
import { isDeepEqual } from "./deep-equal.ts";
import { ruleFor } from "./evaluate.ts";
import { compileGlob, isGlob } from "./glob.ts";
import { type ArgumentShape, argumentAt, type JsonType, jsonTypeOf } from "./input-schema.ts";
import { parseJson } from "./json.ts";
import { type ParsedPolicy, parsePolicy } from "./parse.ts";
import { parsePath } from "./path.ts";
import { inOrder, place } from "./place.ts";
import { type Path, pointerOf } from "./pointer.ts";
import { type Finding, type Problem, type ProblemCode, problemsMax } from "./problems.ts";
import { type KnownTool, reachable } from "./reachable.ts";
import type { Condition, PolicyDocument, ToolRule } from "./schema.ts";
import { nearest } from "./suggest.ts";
import { rulesOf } from "./warn.ts";
import { namesWords, valueWords } from "./words.ts";

/** A tool as its server lists it. */
export type ListedTool = KnownTool & {
  /** JSON Schema of the arguments, as the server sent it; anything else says nothing. */
  inputSchema?: unknown;
};

/** `parsePolicy`, with the warnings that need the server's tools. */
export function parseWithTools(text: string, tools: readonly ListedTool[]): ParsedPolicy {
  const parsed = parsePolicy(text);
  if (!parsed.ok) return parsed;
  const { root } = parseJson(text);
  const found = findings(parsed.document, parsed.policy, tools);
  const placed = root === null ? [] : place(root, found);
  return { ...parsed, problems: inOrder(text, [...parsed.problems, ...placed].slice(0, problemsMax)) };
}

/**
 * The warnings that need the server's tools, besides those of `parsePolicy`. Without tools there is nothing to compare
 * with, so there are none.
 *
 * @param document A document that `parsePolicy` found no error in.
 * @returns Problems without places in the text; `parseWithTools` has them.
 */
export function warnWithTools(document: PolicyDocument, tools: readonly ListedTool[]): Problem[] {
  const policy = compile(document, check(document).patterns);
  return findings(document, policy, tools).map(({ path, code, message, severity }) => ({
    code,
    pointer: pointerOf(path),
    message,
    severity,
  }));
}

function findings(document: PolicyDocument, policy: Policy, tools: readonly ListedTool[]): Finding[] {
  if (tools.length === 0) return [];
  const found = [...unknownNames(document, tools), ...unguarded(document, policy, tools)];
  const byRule = governed(policy, tools);
  for (const { path, rule } of rulesOf(document)) {
    found.push(...argumentsOf(rule, path, byRule.get(pointerOf(path)) ?? []));
  }
  return found.slice(0, problemsMax);
}

function warning(code: ProblemCode, path: Path, message: string, atKey = false): Finding {
  return { code, path, message, severity: "warning", atKey };
}

const suggestionsMax = 10;

/** Names that the server does not have: the rule waits for a tool that may never come. */
function unknownNames(document: PolicyDocument, tools: readonly ListedTool[]): Finding[] {
  const names = tools.map(({ name }) => name);
  const known = new Set(names);
  let suggestions = 0;
  const said = (name: string, path: Path, atKey: boolean): Finding[] => {
    if (isGlob(name)) {
      if (names.some(compileGlob(name))) return [];
      return [warning("unknown_tool", path, `no tool of this server fits \`${cut(name)}\``, atKey)];
    }
    if (known.has(name)) return [];
    // Comparing with every tool takes milliseconds; a document for another server has no near names anyway.
    suggestions += 1;
    const near = suggestions > suggestionsMax ? null : nearest(name, names);
    const meant = near === null ? "check its spelling" : `did you mean \`${near}\`?`;
    return [warning("unknown_tool", path, `this server has no tool \`${cut(name)}\`; ${meant}`, atKey)];
  };
  return [
    ...(document.hide ?? []).flatMap((name, index) => said(name, ["hide", index], false)),
    ...Object.keys(document.tools ?? {}).flatMap((name) => said(name, ["tools", name], true)),
  ];
}

const dangers = { Destructive: "destroy", Financial: "spend money" } as const;

/** Dangerous tools that every call reaches. */
function unguarded(document: PolicyDocument, policy: Policy, tools: readonly ListedTool[]): Finding[] {
  const found: Finding[] = [];
  for (const category of ["Destructive", "Financial"] as const) {
    const byRule = new Map<string, string[]>();
    for (const { tool, reach, pointer } of reachable(
      policy,
      tools.filter((tool) => tool.category === category),
    )) {
      if (reach === "freely") byRule.set(pointer, [...(byRule.get(pointer) ?? []), tool]);
    }
    const paths: Path[] = [["default"], ...rulesOf(document).map(({ path }) => path)];
    for (const path of paths) {
      const names = byRule.get(pointerOf(path));
      if (names === undefined) continue;
      const what = `${namesWords(names)} can ${dangers[category]} and ${names.length === 1 ? "is" : "are"} allowed freely`;
      found.push(
        warning("unguarded_tool", path, `${what}; add a limit, a condition or an approval`, path[0] === "tools"),
      );
    }
  }
  return found;
}

/** The tools that each rule decides about, by the rule's pointer. */
function governed(policy: Policy, tools: readonly ListedTool[]): Map<string, ListedTool[]> {
  const byRule = new Map<string, ListedTool[]>([["/all_tools", [...tools]]]);
  for (const tool of tools) {
    const rule = ruleFor(policy, tool.name, tool.category);
    if (rule === null) continue;
    const others = byRule.get(rule.pointer);
    if (others) others.push(tool);
    else byRule.set(rule.pointer, [tool]);
  }
  return byRule;
}

/** Paths that no tool of the rule has, or that hold something else there. */
function argumentsOf(rule: ToolRule, path: Path, tools: readonly ListedTool[]): Finding[] {
  if (tools.length === 0) return [];
  const found: Finding[] = [];
  for (const field of ["require", "deny_if", "approve_if"] as const) {
    for (const [index, { conditions }] of (rule[field] ?? []).entries()) {
      for (const [nth, condition] of conditions.entries()) {
        // Whoever asks whether an argument is there at all may mean one that should not be.
        if (condition.op === "exists") continue;
        const at = [...path, field, index, "conditions", nth];
        const message = troubleOf(condition.path, tools, (types, choices) => misfitOf(condition, types, choices));
        if (message)
          found.push(
            warning(message.code, [...at, message.code === "unknown_argument" ? "path" : "value"], message.text),
          );
      }
    }
  }
  for (const [index, limit] of (rule.limits ?? []).entries()) {
    for (const field of ["increment_from", "key"] as const) {
      const text = limit[field];
      if (text === undefined) continue;
      const message = troubleOf(text, tools, (types) => {
        if (types === null) return null;
        if (field === "key")
          return hasAny(types, ["string", "number", "boolean"]) ? null : "can be told apart for a `key`";
        return types.has("number") ? null : "is a number to count";
      });
      if (message) found.push(warning(message.code, [...path, "limits", index, field], message.text));
    }
  }
  return found;
}

type Types = ReadonlySet<JsonType> | null;
/** What the argument would have to be and is not, as a clause after "never"; null when it fits. */
type Misfit = (types: Types, choices: readonly unknown[] | null) => string | null;

/** What is wrong with a path for every one of the tools; one that it fits is enough. */
function troubleOf(
  text: string,
  tools: readonly ListedTool[],
  misfit: Misfit,
): { code: ProblemCode; text: string } | null {
  const parsed = parsePath(text);
  if (!parsed.ok || parsed.path.root !== "args") return null;
  let missing: (ArgumentShape & { kind: "missing" }) | null = null;
  let wrong: string | null = null;
  for (const { inputSchema } of tools) {
    const shape = argumentAt(inputSchema, parsed.path.segments);
    if (shape.kind === "open") return null;
    if (shape.kind === "missing") missing ??= shape;
    else {
      const said = misfit(shape.types, shape.choices);
      if (said === null) return null;
      wrong ??= `\`${cut(text)}\` never ${said}: ${typesWords(shape.types)} by the tool's input schema`;
    }
  }
  if (wrong !== null) return { code: "argument_type", text: wrong };
  if (missing === null) return null;
  const whose =
    tools.length === 1 ? `\`${cut(tools[0]?.name ?? "")}\` has no argument` : "no tool of this rule has an argument";
  const near = nearest(missing.step, missing.known);
  return {
    code: "unknown_argument",
    text: `${whose} \`${cut(text)}\`${near === null ? "" : `; did you mean \`${near}\`?`}`,
  };
}

function misfitOf({ op, value }: Condition, types: Types, choices: readonly unknown[] | null): string | null {
  const fits = (one: unknown) =>
    (types === null || types.has(jsonTypeOf(one))) &&
    (choices === null || choices.some((choice) => isDeepEqual(choice, one)));
  switch (op) {
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return types === null || types.has("number") ? null : "is a number to compare";
    case "regex":
      return types === null || types.has("string") ? null : "is a text to search";
    case "contains":
      return types === null || hasAny(types, ["string", "array"]) ? null : "is a text or a list to look into";
    case "eq":
    case "neq":
      return fits(value) ? null : `is ${valueWords(value)}`;
    case "in":
    case "not_in":
      return !Array.isArray(value) || value.length === 0 || value.some(fits) ? null : "is one of these values";
    case "exists":
      return null;
  }
}

function hasAny(types: ReadonlySet<JsonType>, wanted: readonly JsonType[]): boolean {
  return wanted.some((type) => types.has(type));
}

const typeWords: Record<JsonType, string> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  null: "null",
  array: "a list",
  object: "an object",
};

function typesWords(types: Types): string {
  return types === null || types.size === 0
    ? "something else"
    : `it is ${[...types].map((type) => typeWords[type]).join(" or ")}`;
}

function cut(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}
