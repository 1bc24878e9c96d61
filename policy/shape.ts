import * as z from "zod";
import type { Path } from "./pointer.ts";
import { type Finding, type ProblemCode, problemsMax } from "./problems.ts";
import { type PolicyDocument, policyDocumentSchema, toolRuleSchema, windowNames } from "./schema.ts";
import { suggestion } from "./suggest.ts";

/**
 * Whether a value has the shape of a policy document.
 *
 * @returns The value itself (`rest`: what is well-shaped of it), not zod's copy: zod leaves `__proto__` out of a copy, and a rule for a tool of that name
 *   must not get lost.
 */
export function checkShape(
  value: unknown,
): { document: PolicyDocument } | { findings: Finding[]; rest: PolicyDocument } {
  const issues: z.core.$ZodIssue[] = [...(policyDocumentSchema.safeParse(value).error?.issues ?? [])];
  const hidden = unseenRule(value);
  if (hidden) {
    for (const issue of toolRuleSchema.safeParse(hidden.rule).error?.issues ?? []) {
      issues.push({ ...issue, path: ["tools", "__proto__", ...issue.path] });
    }
  }
  if (issues.length === 0) return { document: value as PolicyDocument };
  const findings = issues.slice(0, problemsMax).flatMap((issue) => findingsOf(issue, value));
  return { findings, rest: wellShaped(value) };
}

/** What of a malformed document can still be looked at: one bad field should not keep the other problems back. */
function wellShaped(value: unknown): PolicyDocument {
  const rules = (field: string) => {
    const map = own(value, field);
    const entries = isObject(map) && !Array.isArray(map) ? Object.entries(map) : [];
    return Object.fromEntries(entries.filter(([, rule]) => toolRuleSchema.safeParse(rule).success));
  };
  const timezone = own(value, "timezone");
  const all = toolRuleSchema.safeParse(own(value, "all_tools"));
  return {
    version: "1",
    default: "deny",
    ...(typeof timezone === "string" ? { timezone } : {}),
    ...(all.success ? { all_tools: all.data } : {}),
    categories: rules("categories"),
    tools: rules("tools"),
  };
}

/** zod's records pass over a key named `__proto__`. */
function unseenRule(value: unknown): { rule: unknown } | null {
  const tools = own(value, "tools");
  return isObject(tools) && Object.hasOwn(tools, "__proto__") ? { rule: own(tools, "__proto__") } : null;
}

function findingsOf(issue: z.core.$ZodIssue, document: unknown): Finding[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  const field = `\`${path.at(-1) ?? "the document"}\``;
  const one = (code: ProblemCode, message: string, at: Path = path): Finding[] => [
    { code, message, severity: "error", path: at },
  ];

  if (issue.code === "unrecognized_keys") {
    const known = fieldsAt(path);
    return issue.keys.slice(0, problemsMax).map((key) => ({
      code: "unknown_field",
      message: `\`${key}\` is no field here; ${suggestion(key, known)}`,
      severity: "error",
      path: [...path, key],
      atKey: true,
    }));
  }

  const value = path.reduce<unknown>(own, document);
  if (value === undefined && path.length > 0) {
    const allowed = issue.code === "invalid_value" ? `: ${list(issue.values)}` : "";
    return one("missing_field", `${field} is missing; add it${allowed}`, path.slice(0, -1));
  }
  switch (issue.code) {
    case "invalid_value": {
      if (typeof value !== "string")
        return one("wrong_type", `${field} must be ${list(issue.values)}, in double quotes`);
      const code = path.at(-1) === "op" ? "unknown_operator" : "unknown_value";
      return one(code, `\`${cut(value)}\` is no ${path.at(-1)}; ${suggestion(value, issue.values.map(String))}`);
    }
    case "invalid_union": {
      const message = `${field} must be ${list(windowNames)} or a whole number of seconds from 1`;
      return one(
        typeof value === "number" ? "bad_number" : typeof value === "string" ? "unknown_value" : "wrong_type",
        message,
      );
    }
    case "invalid_type":
      if (typeof value === "number" && issue.expected === "int")
        return one("bad_number", `${field} must be a whole number`);
      return one("wrong_type", `${field} must be ${article(issue.expected)}, not ${typeName(value)}`);
    case "too_small":
      if (issue.origin === "string") return one("bad_name", `${field} must not be empty`);
      return one("bad_number", `${field} must be ${issue.minimum} or more`);
    case "too_big":
      if (issue.origin === "array") {
        return one("too_many_conditions", `a group holds at most ${issue.maximum} conditions; split it`);
      }
      return one("bad_number", `${field} must be ${issue.maximum} or less`);
    case "invalid_key":
      return [{ code: "bad_name", message: "a tool name must not be empty", severity: "error", path, atKey: true }];
    default:
      return one("wrong_type", `${field} cannot be read: ${issue.message}`);
  }
}

/** The fields that the schema knows at a path. */
function fieldsAt(path: Path): string[] {
  let schema: unknown = policyDocumentSchema;
  for (const step of [...path, null]) {
    while (schema instanceof z.ZodOptional) schema = schema.unwrap();
    if (step === null) break;
    if (schema instanceof z.ZodObject) schema = schema.shape[String(step)];
    else if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodRecord) schema = schema.valueType;
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function own(value: unknown, step: string | number): unknown {
  return isObject(value) && Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function list(values: readonly unknown[]): string {
  const words = values.map((value) => `\`${JSON.stringify(value)}\``);
  const last = words.pop() ?? "";
  return words.length === 0 ? last : `${words.join(", ")} or ${last}`;
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

const typeWords: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function article(expected: string): string {
  return typeWords[expected] ?? expected;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : (typeWords[typeof value] ?? typeof value);
}
