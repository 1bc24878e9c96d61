import type { Condition, Operator } from "../../../policy/schema.ts";
import type { Subject } from "./subject.ts";

/** An operator as it is offered: `exists` is two, because its value is part of what it says. */
export type OperatorId = Exclude<Operator, "exists"> | "given" | "not_given";

export const operatorLabels: Record<OperatorId, string> = {
  eq: "is",
  neq: "is not",
  in: "is one of",
  not_in: "is none of",
  lt: "is less than",
  lte: "is at most",
  gt: "is more than",
  gte: "is at least",
  contains: "contains",
  regex: "matches the pattern",
  given: "is given",
  not_given: "is not given",
};

const presence: readonly OperatorId[] = ["given", "not_given"];
const equality: readonly OperatorId[] = ["eq", "neq"];
const membership: readonly OperatorId[] = ["in", "not_in"];
const order: readonly OperatorId[] = ["lte", "gte", "lt", "gt"];
const search: readonly OperatorId[] = ["contains", "regex"];

/** The operators that make sense for a value, the likeliest first. */
export function operatorsFor({ types, choices }: Subject): OperatorId[] {
  if (choices !== null) return [...membership, ...equality, ...presence];
  if (types === null) return [...equality, ...membership, ...order, ...search, ...presence];
  const offered: OperatorId[] = [];
  if (types.includes("number")) offered.push(...order, ...equality, ...membership);
  if (types.includes("string")) offered.push(...equality, ...membership, ...search);
  if (types.includes("boolean") || types.includes("null")) offered.push(...equality);
  if (types.includes("array")) offered.push("contains", ...equality);
  if (types.includes("object")) offered.push(...equality);
  return [...new Set([...offered, ...presence])];
}

export function operatorId({ op, value }: Pick<Condition, "op" | "value">): OperatorId {
  if (op !== "exists") return op;
  return value === false ? "not_given" : "given";
}

export function operatorOf(id: OperatorId): Operator {
  return id === "given" || id === "not_given" ? "exists" : id;
}
