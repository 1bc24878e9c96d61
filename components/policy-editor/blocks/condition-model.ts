import { check } from "../../../policy/check.ts";
import { isDeepEqual } from "../../../policy/deep-equal.ts";
import type { Condition } from "../../../policy/schema.ts";
import { capital } from "./capital.ts";
import { type OperatorId, operatorId, operatorOf, operatorsFor } from "./operator-choices.ts";
import { isOfType, type Subject } from "./subject.ts";
import { readNumber } from "./typed-number.ts";

/** One condition while it is written. `value` is undefined as long as there is none. */
export type Row = {
  id: number;
  path: string;
  operator: OperatorId;
  value: unknown;
  /** What the document has for this row until the row is complete; null for a new one. */
  committed: Condition | null;
};

export type RowProblems = { path: string | null; value: string | null };

let lastId = 0;

export function rowOf(condition: Condition): Row {
  lastId += 1;
  const { path, value } = condition;
  return { id: lastId, path, operator: operatorId(condition), value, committed: condition };
}

export function emptyRow(): Row {
  lastId += 1;
  return { id: lastId, path: "", operator: "eq", value: undefined, committed: null };
}

/** The condition that a row says; null while something is missing or cannot be read. */
export function conditionOf(row: Row): Condition | null {
  if (row.path === "" || row.value === undefined) return null;
  const condition: Condition = { path: row.path, op: operatorOf(row.operator), value: row.value };
  // Whoever has just changed the question has not answered it yet; whoever takes the last value out has.
  if (isEmptyList(row) && !isSameQuestion(condition, row.committed)) return null;
  const { path, value } = problemsOf(condition);
  return path === null && value === null ? condition : null;
}

function isEmptyList({ operator, value }: Row): boolean {
  return (operator === "in" || operator === "not_in") && Array.isArray(value) && value.length === 0;
}

function isSameQuestion(condition: Condition, committed: Condition | null): boolean {
  return committed !== null && condition.path === committed.path && condition.op === committed.op;
}

/** What the language's own check has against a condition. */
export function problemsOf(condition: Condition): RowProblems {
  const rule = { deny_if: [{ conditions: [condition] }] };
  const found: RowProblems = { path: null, value: null };
  for (const { path, message, severity } of check({ version: "1", default: "deny", all_tools: rule }).findings) {
    const field = path.at(-1);
    if (severity === "error" && (field === "path" || field === "value")) found[field] ??= capital(message);
  }
  return found;
}

/** The conditions that the rows come to: an unfinished row stands for what it was before. */
export function conditionsOf(rows: readonly Row[]): Condition[] {
  return rows.flatMap((row) => conditionOf(row) ?? row.committed ?? []);
}

/** Whether a row says something else than the document. */
export function isPending(row: Row): boolean {
  const condition = conditionOf(row);
  return condition === null || !isDeepEqual(condition, row.committed);
}

/** A row for another argument: operator and value stay as far as they fit it. */
export function withPath(row: Row, path: string, subject: Subject): Row {
  const offered = operatorsFor(subject);
  const first = offered[0] ?? "eq";
  const operator = row.path !== "" && offered.includes(row.operator) ? row.operator : first;
  return { ...row, path, operator, value: fitted(row.value, operator, subject) };
}

export function withOperator(row: Row, operator: OperatorId, subject: Subject): Row {
  return { ...row, operator, value: fitted(row.value, operator, subject) };
}

/** A value for another operator or argument; undefined when it says nothing there. */
function fitted(value: unknown, operator: OperatorId, subject: Subject): unknown {
  const isAllowed = (one: unknown) =>
    isOfType(one, subject) && (subject.choices === null || subject.choices.some((choice) => isDeepEqual(choice, one)));
  const [first] = Array.isArray(value) ? value : [value];
  switch (operator) {
    case "given":
      return true;
    case "not_given":
      return false;
    case "in":
    case "not_in": {
      const members = Array.isArray(value) ? value : value === undefined ? [] : [value];
      return members.filter(isAllowed);
    }
    case "lt":
    case "lte":
    case "gt":
    case "gte": {
      if (typeof first === "number") return first;
      const read = typeof first === "string" ? readNumber(first) : null;
      return read?.ok ? read.value : undefined;
    }
    case "regex":
      return typeof first === "string" ? first : undefined;
    case "contains":
      return typeof first === "string" || subject.types?.includes("array") ? first : undefined;
    case "eq":
    case "neq": {
      if (first !== undefined && isAllowed(first)) return first;
      return subject.types?.length === 1 && subject.types[0] === "boolean" ? true : undefined;
    }
  }
}

/** What a list without members means, which is rarely what was meant. */
export function emptyListNote(row: Row, list: "require" | "deny_if" | "approve_if"): string | null {
  if (!isEmptyList(row) || row.committed === null) return null;
  const never = row.operator === "in";
  if (list === "require")
    return never ? "Nothing is listed, so every call is refused" : "Nothing is listed, so this always holds";
  return never ? "Nothing is listed, so this never applies" : "Nothing is listed, so this always holds";
}
