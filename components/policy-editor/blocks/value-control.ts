import { isDeepEqual } from "../../../policy/deep-equal.ts";
import type { JsonType } from "../../../policy/input-schema.ts";
import type { OperatorId } from "./operator-choices.ts";
import { isOfType, type Subject } from "./subject.ts";
import type { NumberBounds } from "./typed-number.ts";

/** What a value is written with. */
export type ValueControl =
  | { kind: "none" }
  | { kind: "one_of"; choices: readonly unknown[] }
  | { kind: "some_of"; choices: readonly unknown[] }
  | { kind: "yes_no" }
  | { kind: "number"; bounds: NumberBounds }
  | { kind: "text"; isPattern: boolean }
  | { kind: "list"; item: ItemType }
  /** Nobody says what it is, so the author says that too. */
  | { kind: "any" };
/** What a typed item of a list is read as. */
export type ItemType = "text" | "number" | "any";

/** More boxes than this are no choice to tick. */
const choicesMax = 200;

/** The control for a condition's value: by the operator and the schema, and never one that could not show what stands there. */
export function valueControl(operator: OperatorId, subject: Subject, value: unknown): ValueControl {
  const choices = subject.choices !== null && subject.choices.length <= choicesMax ? subject.choices : null;
  switch (operator) {
    case "given":
    case "not_given":
      return { kind: "none" };
    case "in":
    case "not_in": {
      const members = Array.isArray(value) ? value : [];
      if (choices?.every(isScalar)) {
        // What stands there and is no choice is shown among them, so that it can be taken out.
        const others = members.filter((member) => !choices.some((choice) => isDeepEqual(choice, member)));
        return { kind: "some_of", choices: [...choices, ...others] };
      }
      const type = onlyType(subject);
      const isFit = members.every((member) => isOfType(member, subject));
      return {
        kind: "list",
        item: isFit && type === "string" ? "text" : isFit && type === "number" ? "number" : "any",
      };
    }
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return { kind: "number", bounds: {} };
    case "regex":
      return { kind: "text", isPattern: true };
    case "contains":
      if (onlyType(subject) !== "string" || (value !== undefined && typeof value !== "string")) return { kind: "any" };
      return { kind: "text", isPattern: false };
    case "eq":
    case "neq": {
      if (choices?.every(isScalar) && (value === undefined || choices.some((choice) => isDeepEqual(choice, value)))) {
        return { kind: "one_of", choices };
      }
      if (value !== undefined && !isOfType(value, subject)) return { kind: "any" };
      const type = onlyType(subject);
      if (type === "boolean") return { kind: "yes_no" };
      if (type === "number") return { kind: "number", bounds: {} };
      return type === "string" ? { kind: "text", isPattern: false } : { kind: "any" };
    }
  }
}

function onlyType({ types }: Subject): JsonType | null {
  return types?.length === 1 ? (types[0] ?? null) : null;
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

/** The types that an author can choose for a value of which nobody says what it is. */
export const anyTypes = ["text", "number", "yes_no", "json"] as const;
export type AnyType = (typeof anyTypes)[number];

export function anyTypeOf(value: unknown): AnyType {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "yes_no";
  return typeof value === "string" || value === undefined ? "text" : "json";
}

/** Like: 1 to 100. */
export function boundsWords({ minimum, maximum }: Pick<Subject, "minimum" | "maximum">): string | null {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${minimum} or more`;
  return maximum === undefined ? null : `${maximum} or less`;
}

const weekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** A choice as it is shown: a text as it is unless it could be taken for something else. */
export function choiceLabel(value: unknown, path: string): string {
  if (path === "time.weekday" && typeof value === "number") return weekdayNames[value - 1] ?? String(value);
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  return /^[A-Za-z][^"]*$/.test(value) && !/^(?:true|false|null)$/i.test(value) ? value : JSON.stringify(value);
}
