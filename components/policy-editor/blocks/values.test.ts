import { describe, expect, it } from "vitest";
import { argumentPaths } from "../../../policy/argument-paths.ts";
import { problemAt, withField } from "./block-change.ts";
import { customChange, customProblem } from "./custom-block.ts";
import { pathChoices, pathDoubt, pathProblem, subjectAt } from "./subject.ts";
import { itemOf } from "./tag-item.ts";
import { readNumber } from "./typed-number.ts";
import { anyTypeOf, choiceLabel, valueControl } from "./value-control.ts";

const schema = {
  type: "object",
  properties: {
    size: { enum: ["small", "large"] },
    amount: { type: "number", minimum: 1, maximum: 9 },
    note: { type: "string" },
    urgent: { type: "boolean" },
    files: { type: "array", items: { type: "object", properties: { path: { type: "string" } } } },
  },
  required: ["amount"],
};

describe("a number field", () => {
  it("takes numbers and says why it does not take the rest", () => {
    expect([readNumber("10"), readNumber(" 1.5 "), readNumber("1e3")]).toMatchObject([
      { value: 10 },
      { value: 1.5 },
      { value: 1000 },
    ]);
    const bounds = { min: 1, max: 5, whole: true };
    for (const typed of ["", "abc", "1,5", "0x10", "Infinity", "9007199254740993", "1.5", "0", "6"]) {
      expect(readNumber(typed, bounds), typed).toMatchObject({ ok: false });
    }
  });
});

describe("the control of a value", () => {
  const control = (path: string, operator: Parameters<typeof valueControl>[0], value?: unknown) =>
    valueControl(operator, subjectAt(path, schema), value);

  it("is what the schema asks for", () => {
    expect(control("args.size", "in")).toEqual({ kind: "some_of", choices: ["small", "large"] });
    expect(control("args.size", "eq").kind).toBe("one_of");
    expect(control("args.amount", "lte").kind).toBe("number");
    expect(control("args.urgent", "eq").kind).toBe("yes_no");
    expect(control("args.note", "eq").kind).toBe("text");
    expect(control("args.note", "in")).toEqual({ kind: "list", item: "text" });
    expect(control("args.files.0.path", "regex")).toEqual({ kind: "text", isPattern: true });
    expect(control("args.nobody_knows", "eq").kind).toBe("any");
    expect(control("time.weekday", "in")).toMatchObject({ kind: "some_of", choices: [1, 2, 3, 4, 5, 6, 7] });
  });

  it("can always show what stands in the policy, whatever the schema says", () => {
    expect(control("args.size", "in", ["small", "old"])).toEqual({
      kind: "some_of",
      choices: ["small", "large", "old"],
    });
    expect(control("args.amount", "eq", "5").kind).toBe("any");
    expect(control("args.urgent", "eq", "yes").kind).toBe("any");
    expect(control("args.note", "in", [5, "5"])).toEqual({ kind: "list", item: "any" });
    expect(control("args.size", "eq", "old").kind).not.toBe("one_of");
  });

  it("shows a text that looks like something else in quotes", () => {
    expect(["t3.micro", "5", "true", "", 5, null].map((value) => choiceLabel(value, "args.x"))).toEqual([
      "t3.micro",
      '"5"',
      '"true"',
      '""',
      "5",
      "null",
    ]);
    expect(choiceLabel(7, "time.weekday")).toBe("Sunday");
    expect([anyTypeOf("5"), anyTypeOf(5), anyTypeOf(false), anyTypeOf(null)]).toEqual([
      "text",
      "number",
      "yes_no",
      "json",
    ]);
  });

  it("reads a typed item of a list as what the list holds", () => {
    expect(itemOf("5", "text")).toEqual({ ok: true, value: "5" });
    expect(itemOf("5", "number")).toEqual({ ok: true, value: 5 });
    expect(itemOf("5", "any")).toEqual({ ok: true, value: 5 });
    expect(itemOf('"5"', "any")).toEqual({ ok: true, value: "5" });
    expect(itemOf("prod", "any")).toEqual({ ok: true, value: "prod" });
    expect(itemOf('{"a"', "any").ok).toBe(false);
    expect(itemOf("five", "number").ok).toBe(false);
  });
});

describe("the paths that are offered", () => {
  const offered = (want: "condition" | "amount" | "key") =>
    pathChoices(want, argumentPaths(schema)).map(({ path }) => path);

  it("are the tool's arguments, required ones first, and then what the language knows of a call", () => {
    expect(offered("condition").slice(0, 2)).toEqual(["args.amount", "args.size"]);
    expect(offered("condition")).toContain("args.files[*].path");
    expect(offered("condition")).toContain("time.weekday");
  });

  it("are only what can be added up, or counted by", () => {
    expect(offered("amount")).toEqual(["args.amount"]);
    expect(offered("key")).toContain("grant.label");
    expect(offered("key")).not.toContain("time.hour");
    expect(offered("key")).not.toContain("args.files");
  });

  it("may be others, when the language can read them", () => {
    expect(pathProblem("args.anything.at.all", "condition")).toBeNull();
    expect(pathProblem("arg.x", "condition")).toMatch(/must start with/);
    expect(pathProblem("args.files[*].size", "amount")).toMatch(/One value/);
    expect(pathProblem("grant.label", "amount")).toMatch(/in the arguments/);
    expect(pathDoubt("args.amuont", schema)).toMatch(/did you mean `amount`/);
    expect(pathDoubt("args.amount", schema)).toBeNull();
    expect(pathDoubt("args.amuont", undefined)).toBeNull();
  });
});

describe("a part of a rule as JSON", () => {
  it("is taken when the language can read it", () => {
    const text = '{ "conditions": [{ "path": "args.x", "op": "eq", "value": "5" }], "on_deny": "No." }';
    expect(customProblem("deny_if", text)).toBeNull();
    expect(customChange("deny_if", text)).toEqual({ list: "deny_if", item: JSON.parse(text) });
    expect(customChange("rate_limit", '{ "max": 3, "window": 60 }')).toEqual({ rateLimit: { max: 3, window: 60 } });
  });

  it("keeps the order of its fields", () => {
    const text = '{"on_deny":"No.","conditions":[{"value":1,"op":"eq","path":"args.x"}]}';
    expect(JSON.stringify(customChange("require", text))).toContain(text);
  });

  it("is not taken otherwise, and says what to mend", () => {
    expect(customProblem("deny_if", '{ "conditions": [ }')).toMatch(/missing/);
    expect(customProblem("deny_if", '{ "condition": [] }')).toMatch(/`conditions`/);
    expect(customProblem("limits", '{ "counter": "c", "window": "week", "max": 1 }')).toMatch(/window/);
    expect(customProblem("limits", '{ "counter": "c", "window": "day", "max": 1, "key": "x" }')).toMatch(/path/);
    expect(customChange("approve_if", '{ "conditions": [], "on_deny": "x" }')).toBeNull();
  });
});

describe("a change of a block", () => {
  it("leaves the order of what is written", () => {
    const limit = { counter: "c", window: "day" as const, max: 1, on_deny: "No." };
    expect(JSON.stringify(withField(limit, "max", 2))).toBe('{"counter":"c","window":"day","max":2,"on_deny":"No."}');
    expect(Object.keys(withField({ counter: "c", scope: "grant", max: 1 }, "scope", undefined))).toEqual([
      "counter",
      "max",
    ]);
  });

  it("shows a problem at its field, errors before warnings", () => {
    const at = (pointer: string, severity: "error" | "warning", message: string) =>
      ({ pointer, severity, message, code: "bad_number" }) as const;
    const problems = [
      at("/tools/a/limits/1/max", "warning", "second thoughts"),
      at("/tools/a/limits/1/max", "error", "it is wrong"),
      at("/tools/a/limits/11/max", "error", "another block"),
    ];
    expect(problemAt(problems, "limits/1", "max")).toEqual({ message: "It is wrong", severity: "error" });
    expect(problemAt(problems, "limits/1", "")).toBeNull();
  });
});
