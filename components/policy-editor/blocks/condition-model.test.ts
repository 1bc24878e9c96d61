import { describe, expect, it } from "vitest";
import type { Condition } from "../../../policy/schema.ts";
import {
  conditionOf,
  conditionsOf,
  emptyListNote,
  emptyRow,
  isPending,
  rowOf,
  withOperator,
  withPath,
} from "./condition-model.ts";
import { operatorsFor } from "./operator-choices.ts";
import type { Subject } from "./subject.ts";

const number: Subject = { types: ["number"], choices: null };
const text: Subject = { types: ["string"], choices: null };
const size: Subject = { types: ["string"], choices: ["t3.micro", "t3.small"] };
const flag: Subject = { types: ["boolean"], choices: null };
const unknown: Subject = { types: null, choices: null };

const amount: Condition = { path: "args.amount", op: "lte", value: 50 };

describe("a condition that is being written", () => {
  it("is in the policy only when it is complete", () => {
    const empty = emptyRow();
    expect(conditionsOf([rowOf(amount), empty])).toEqual([amount]);
    const named = withPath(empty, "args.name", text);
    expect(conditionOf(named)).toBeNull();
    expect(conditionOf({ ...named, value: "x" })).toEqual({ path: "args.name", op: "eq", value: "x" });
  });

  it("stays what it was in the policy while it is not complete", () => {
    const row = withPath(rowOf(amount), "args.name", text);
    expect(isPending(row)).toBe(true);
    expect(conditionsOf([row])).toEqual([amount]);
  });

  it("never is one that the language refuses", () => {
    for (const [path, operator, value] of [
      ["args..x", "eq", 1],
      ["nowhere", "eq", 1],
      ["args.x", "regex", "(?=a)"],
      ["args.x", "regex", "("],
      ["args.x", "lt", "5"],
      ["args.x", "in", "a"],
    ] as const) {
      expect(conditionOf({ ...emptyRow(), path, operator, value }), `${path} ${operator} ${value}`).toBeNull();
    }
  });

  it("keeps the type of a value: a number stays one, and so does a text of digits", () => {
    expect(conditionOf({ ...emptyRow(), path: "args.x", operator: "eq", value: "5" })?.value).toBe("5");
    expect(withOperator(rowOf({ path: "args.x", op: "eq", value: "5" }), "in", text).value).toEqual(["5"]);
    expect(withOperator(rowOf({ path: "args.x", op: "eq", value: 5 }), "in", number).value).toEqual([5]);
    expect(withOperator(rowOf({ path: "args.x", op: "in", value: [5, 6] }), "eq", number).value).toBe(5);
  });

  it("takes over from another argument only what fits the new one", () => {
    const tiers = rowOf({ path: "args.tier", op: "in", value: ["t3.micro", "huge"] });
    expect(withPath(tiers, "args.size", size)).toMatchObject({ operator: "in", value: ["t3.micro"] });
    expect(withPath(rowOf(amount), "args.size", size)).toMatchObject({ operator: "in", value: [] });
    expect(withPath(rowOf(amount), "args.other", unknown)).toMatchObject({ operator: "lte", value: 50 });
    expect(withPath(emptyRow(), "args.spot", flag)).toMatchObject({ operator: "eq", value: true });
  });

  it("with nothing listed waits when it is new, and says what it means when somebody took the last value out", () => {
    const fresh = withPath(emptyRow(), "args.size", size);
    expect(conditionOf(fresh)).toBeNull();
    const emptied = { ...rowOf({ path: "args.size", op: "in", value: ["t3.micro"] }), value: [] };
    expect(conditionOf(emptied)).toEqual({ path: "args.size", op: "in", value: [] });
    expect(emptyListNote(emptied, "require")).toMatch(/every call is refused/);
    expect(emptyListNote(emptied, "deny_if")).toMatch(/never applies/);
  });
});

describe("the operators that are offered", () => {
  it("fit the argument, the likeliest first", () => {
    expect(operatorsFor(size)).toEqual(["in", "not_in", "eq", "neq", "given", "not_given"]);
    expect(operatorsFor(number).slice(0, 2)).toEqual(["lte", "gte"]);
    expect(operatorsFor(number)).not.toContain("regex");
    expect(operatorsFor(text)).not.toContain("lt");
    expect(operatorsFor(flag)).toEqual(["eq", "neq", "given", "not_given"]);
  });

  it("are all of them where nobody says what the argument is", () => {
    expect(new Set(operatorsFor(unknown)).size).toBe(12);
  });
});
