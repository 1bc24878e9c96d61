import { describe, expect, it } from "vitest";
import { parsePolicy } from "./parse.ts";
import type { Problem } from "./problems.ts";

/** The problems of a document as `code pointer`, or of a tool's rule in one. */
function problemsOf(document: unknown): string[] {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return parsePolicy(text).problems.map(({ code, pointer }) => `${code} ${pointer}`);
}

function ofRule(rule: unknown, more: object = {}): string[] {
  return problemsOf({ version: "1", default: "deny", ...more, tools: { t: rule } });
}

function ofCondition(condition: unknown): string[] {
  return ofRule({ require: [{ conditions: [condition] }] }).map((line) =>
    line.replace("/tools/t/require/0/conditions/0", "…"),
  );
}

function ofLimit(limit: object): string[] {
  return ofRule({ limits: [{ counter: "c", window: "minute", max: 1, ...limit }] }).map((line) =>
    line.replace("/tools/t/limits/0", "…"),
  );
}

function only(text: string): Problem {
  const { problems } = parsePolicy(text);
  expect(problems).toHaveLength(1);
  return problems[0] as Problem;
}

describe("a document", () => {
  it("needs version and default", () => {
    expect(problemsOf({})).toEqual(["missing_field ", "missing_field "]);
    expect(problemsOf({ version: 1, default: "deny" })).toEqual(["wrong_type /version"]);
    expect(problemsOf({ version: "2", default: "deny" })).toEqual(["unknown_value /version"]);
    expect(problemsOf({ version: "1", default: "permit" })).toEqual(["unknown_value /default"]);
  });

  it("is an object", () => {
    for (const text of ["[]", "null", '"deny"', "1"]) expect(problemsOf(text)).toEqual(["wrong_type "]);
  });

  it("is at most 256 KiB of UTF-8", () => {
    const filled = (filler: string, count: number) =>
      JSON.stringify({ version: "1", default: "deny", description: filler.repeat(count) });
    const frame = filled("", 0).length;
    expect(problemsOf(filled("x", 262_144 - frame))).toEqual([]);
    expect(problemsOf(filled("x", 262_145 - frame))).toEqual(["too_large "]);
    expect(problemsOf(filled("é", 131_072 - frame / 2 + 1))).toEqual(["too_large "]);
  });

  it("names at most 2,000 tools", () => {
    const tools = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, nth) => [`t${nth}`, {}]));
    expect(problemsOf({ version: "1", default: "deny", tools: tools(2_000) })).toEqual([]);
    expect(problemsOf({ version: "1", default: "deny", tools: tools(2_001) })).toEqual(["too_many_tools /tools"]);
  });

  it("knows IANA time zones only", () => {
    const inZone = (timezone: unknown) => problemsOf({ version: "1", default: "deny", timezone });
    for (const zone of ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"]) expect(inZone(zone)).toEqual([]);
    for (const zone of ["Mars/Olympus", "+02:00", "", "Europe/Berlin "]) {
      expect(inZone(zone)).toEqual(["unknown_timezone /timezone"]);
    }
    expect(inZone(2)).toEqual(["wrong_type /timezone"]);
  });

  it("refuses duplicate keys beside its other problems", () => {
    const text = '{ "version": "1", "default": "deny", "tools": { "t": {}, "t": { "acton": "deny" } } }';
    expect(problemsOf(text)).toEqual(["duplicate_key /tools/t", "unknown_field /tools/t/acton"]);
    expect(problemsOf('{ "version": "1", "default": "allow", "default": "deny" }')).toEqual(["duplicate_key /default"]);
  });

  it("refuses numbers that would change on reading", () => {
    const text =
      '{ "version": "1", "default": "deny", "tools": { "t": { "deny_if": [{ "conditions": [{ "path": "args.id", "op": "eq", "value": 9007199254740993 }] }] } } }';
    expect(problemsOf(text)).toEqual(["bad_number /tools/t/deny_if/0/conditions/0/value"]);
    expect(
      problemsOf(
        '{ "version": "1", "default": "deny", "tools": { "t": { "rate_limit": { "max": 1e999, "window": 1 } } } }',
      ),
    ).toContain("bad_number /tools/t/rate_limit/max");
  });

  it("has names that are not empty", () => {
    expect(problemsOf({ version: "1", default: "deny", hide: [""] })).toEqual(["bad_name /hide/0"]);
    expect(problemsOf({ version: "1", default: "deny", tools: { "": {} } })).toEqual(["bad_name /tools/"]);
  });

  it("has every problem listed at once, of the shape and of the meaning, in the order of the text", () => {
    const bad = { conditions: [{ path: "arg.x", op: "regex", value: "(" }] };
    expect(problemsOf({ version: "1", defualt: "deny", tools: { a: { deny_if: [bad] }, b: { limits: 3 } } })).toEqual([
      "missing_field ",
      "unknown_field /defualt",
      "bad_path /tools/a/deny_if/0/conditions/0/path",
      "bad_regex /tools/a/deny_if/0/conditions/0/value",
      "wrong_type /tools/b/limits",
    ]);
  });

  it("has no more than 200 problems listed", () => {
    const hide = Array.from({ length: 1_000 }, () => 1);
    expect(problemsOf({ version: "1", default: "deny", hide })).toHaveLength(200);
  });
});

describe("an unknown field", () => {
  it.each([
    ["acton", "action"],
    ["denyif", "deny_if"],
    ["ratelimit", "rate_limit"],
    ["Require", "require"],
    ["limit", "limits"],
  ])("`%s` is told from `%s`", (wrong, right) => {
    const { message } = only(JSON.stringify({ version: "1", default: "deny", tools: { t: { [wrong]: 1 } } }));
    expect(message).toBe(`\`${wrong}\` is no field here; did you mean \`${right}\`?`);
  });

  it("far from all others gets the list", () => {
    const { message } = only(
      '{ "version": "1", "default": "deny", "tools": { "t": { "rate_limit": { "max": 1, "window": 1, "zzzzz": 1 } } } }',
    );
    expect(message).toBe("`zzzzz` is no field here; known are `max`, `window`");
  });

  it("is found at every depth", () => {
    expect(ofRule({ require: [{ conditions: [], message: "x" }] })).toEqual([
      "unknown_field /tools/t/require/0/message",
    ]);
    expect(ofRule({ approve_if: [{ conditions: [], on_deny: "x" }] })).toEqual([
      "unknown_field /tools/t/approve_if/0/on_deny",
    ]);
    expect(ofCondition({ path: "args.a", op: "eq", value: 1, not: true })).toEqual(["unknown_field …/not"]);
    expect(problemsOf({ version: "1", default: "deny", categories: { Reed: {} } })).toEqual([
      "unknown_field /categories/Reed",
    ]);
    expect(problemsOf('{ "version": "1", "default": "deny", "__proto__": {} }')).toEqual(["unknown_field /__proto__"]);
    expect(problemsOf('{ "version": "1", "default": "deny", "tools": { "__proto__": { "nope": 1 } } }')).toEqual([
      "unknown_field /tools/__proto__/nope",
    ]);
  });
});

describe("a problem", () => {
  it("has its place: the name of an unknown field, the value of a wrong one, the bracket of an incomplete object", () => {
    const text =
      '{\n  "version": "1",\n  "default": "deny",\n  "tools": {\n    "t": { "acton": 1, "rate_limit": { "max": -1 } }\n  }\n}';
    const places = parsePolicy(text).problems.map(({ from, to, line }) => [text.slice(from, to), line]);
    expect(places).toEqual([
      ['"acton"', 5],
      ["{", 5],
      ["-1", 5],
    ]);
  });

  it("of a syntax fault has a line too", () => {
    expect(only('{\n  "version": "1",\n}')).toMatchObject({ code: "syntax", line: 2, from: 18, to: 19 });
  });
});

describe("a condition", () => {
  it("has path, op and value", () => {
    expect(ofCondition({})).toEqual(["missing_field …", "missing_field …", "missing_field …"]);
    expect(ofCondition({ path: "args.a", op: "equals", value: 1 })).toEqual(["unknown_operator …/op"]);
    expect(ofCondition({ path: "args.a", op: "eq", value: null })).toEqual([]);
  });

  it("has a value that fits its operator", () => {
    for (const op of ["lt", "lte", "gt", "gte"]) {
      expect(ofCondition({ path: "args.a", op, value: 1.5 })).toEqual([]);
      expect(ofCondition({ path: "args.a", op, value: "1" })).toEqual(["value_does_not_fit …/value"]);
    }
    expect(ofCondition({ path: "args.a", op: "in", value: "x" })).toEqual(["value_does_not_fit …/value"]);
    expect(ofCondition({ path: "args.a", op: "not_in", value: {} })).toEqual(["value_does_not_fit …/value"]);
    expect(ofCondition({ path: "args.a", op: "exists", value: "true" })).toEqual(["value_does_not_fit …/value"]);
    expect(ofCondition({ path: "args.a", op: "regex", value: 1 })).toEqual(["value_does_not_fit …/value"]);
  });

  it.each(["(?=x)", "(?!x)", "(?<=x)y", "(a)\\1", "(", "[", "a{1001}", "(a{100}){100}", "*"])(
    "refuses the regex %s as RE2 does",
    (value) => expect(ofCondition({ path: "args.a", op: "regex", value })).toEqual(["bad_regex …/value"]),
  );

  it.each([
    "args.a",
    "args.a.b.0.c",
    "args.files[*].path",
    "args.a[*][*]",
    "args._callerRole",
    "args.a-b c",
    "tool.name",
    "time.weekday",
    "args.__proto__",
  ])("takes the path %s", (path) => expect(ofCondition({ path, op: "exists", value: true })).toEqual([]));

  it.each([
    "",
    "args",
    "args.",
    "args..a",
    "args.a.",
    "args[*]",
    "args.a[0]",
    "args.a[*",
    "args.a[*]b",
    "arg.a",
    "tool",
    "tool.names",
    "env.HOME",
    "$.args.a",
    "constructor",
  ])("refuses the path %j", (path) =>
    expect(ofCondition({ path, op: "exists", value: true })).toEqual(["bad_path …/path"]),
  );

  it("shares its group with at most 63 others", () => {
    const condition = { path: "args.a", op: "eq", value: 1 };
    const group = (count: number) => ofRule({ deny_if: [{ conditions: Array(count).fill(condition) }] });
    expect(group(64)).toEqual([]);
    expect(group(65)).toEqual(["too_many_conditions /tools/t/deny_if/0/conditions"]);
  });
});

describe("a limit", () => {
  it("has a counter, a window and a max", () => {
    expect(ofRule({ limits: [{}] })).toHaveLength(3);
    expect(ofLimit({ counter: "" })).toEqual(["bad_name …/counter"]);
    expect(ofLimit({ window: "week" })).toEqual(["unknown_value …/window"]);
    for (const window of [0, -1, 1.5, 1e15]) expect(ofLimit({ window })).toEqual(["bad_number …/window"]);
    expect(ofLimit({ window: null })).toEqual(["wrong_type …/window"]);
    expect(ofLimit({ max: -1 })).toEqual(["bad_number …/max"]);
    expect(ofLimit({ max: "1" })).toEqual(["wrong_type …/max"]);
    expect(ofLimit({ scope: "team" })).toEqual(["unknown_value …/scope"]);
    expect(ofLimit({ increment: -1 })).toEqual(["bad_number …/increment"]);
    expect(ofLimit({ max: 0.5, increment: 0.1, window: 90 })).toEqual([]);
  });

  it("has a counter of its own in its rule", () => {
    const limit = { counter: "c", window: "minute", max: 1 };
    expect(ofRule({ limits: [limit, { ...limit, window: "day" }] })).toEqual([
      "duplicate_counter /tools/t/limits/1/counter",
    ]);
  });

  it("adds either a number or an argument", () => {
    expect(ofLimit({ increment: 1, increment_from: "args.n" })).toEqual(["conflicting_fields …/increment"]);
    expect(ofLimit({ increment_from: "tool.name" })).toEqual(["bad_path …/increment_from"]);
    expect(ofLimit({ increment_from: "args.n[*]" })).toEqual(["bad_path …/increment_from"]);
    expect(ofLimit({ increment_from: "n" })).toEqual(["bad_path …/increment_from"]);
    expect(ofLimit({ increment_from: "args.items.0.n" })).toEqual([]);
  });

  it("has one value as key", () => {
    expect(ofLimit({ key: "args.ids[*]" })).toEqual(["bad_path …/key"]);
    expect(ofLimit({ key: "time.hour" })).toEqual(["bad_path …/key"]);
    for (const key of ["args.account_id", "tool.name", "client.name"]) expect(ofLimit({ key })).toEqual([]);
  });

  it("has a calendar for named windows only", () => {
    expect(ofLimit({ reset: "calendar" })).toEqual([]);
    expect(ofLimit({ reset: "calendar", window: 60 })).toEqual(["value_does_not_fit …/reset"]);
    expect(ofLimit({ reset: "daily" })).toEqual(["unknown_value …/reset"]);
  });

  it("has a short form with max and window", () => {
    expect(ofRule({ rate_limit: { max: 10 } })).toEqual(["missing_field /tools/t/rate_limit"]);
    expect(ofRule({ rate_limit: { max: 10, window: 60, scope: "grant" } })).toEqual([
      "unknown_field /tools/t/rate_limit/scope",
    ]);
    expect(ofRule({ rate_limit: 10 })).toEqual(["wrong_type /tools/t/rate_limit"]);
  });
});

describe("a warning", () => {
  const group = { conditions: [{ path: "args.a", op: "eq", value: 1 }] };
  const always = { conditions: [] };
  const limits = [{ counter: "c", window: "minute", max: 1 }];

  it("does not keep a document from being used", () => {
    const parsed = parsePolicy('{ "version": "1", "default": "deny", "hide": ["t"], "tools": { "t": {} } }');
    expect(parsed).toMatchObject({
      ok: true,
      problems: [{ code: "never_fires", severity: "warning", pointer: "/tools/t", line: 1 }],
    });
  });

  it("tells of rules that `hide` covers", () => {
    expect(ofRule({}, { hide: ["t*"] })).toEqual(["never_fires /tools/t"]);
    const document = {
      version: "1",
      default: "deny",
      hide: ["vm_*"],
      tools: { "vm_c*": {}, "vm*": {}, vm_a: {}, spawn: {} },
    };
    expect(problemsOf(document)).toEqual(["never_fires /tools/vm_c*", "never_fires /tools/vm_a"]);
    expect(problemsOf({ version: "1", default: "deny", hide: ["*"], all_tools: {}, categories: { Read: {} } })).toEqual(
      ["never_fires /all_tools", "never_fires /categories/Read"],
    );
  });

  it("tells of categories behind a glob that fits everything", () => {
    expect(problemsOf({ version: "1", default: "deny", categories: { Read: {} }, tools: { "*": {} } })).toEqual([
      "never_fires /categories/Read",
    ]);
  });

  it("tells of what stands beside an action that refuses", () => {
    expect(
      ofRule({ action: "deny", reason: "No.", require: [group], limits, rate_limit: { max: 1, window: 1 } }),
    ).toEqual(["never_fires /tools/t/require", "never_fires /tools/t/limits", "never_fires /tools/t/rate_limit"]);
    expect(ofRule({ approve_if: [group] }, { all_tools: { action: "deny" } })).toEqual([
      "never_fires /tools/t/approve_if",
    ]);
  });

  it("tells of what an unconditional group makes idle", () => {
    expect(ofRule({ deny_if: [group, always, group], limits, approve_if: [group] })).toEqual([
      "never_fires /tools/t/deny_if/2",
      "never_fires /tools/t/limits",
      "never_fires /tools/t/approve_if",
    ]);
    expect(ofRule({ approve_if: [always, group] })).toEqual(["never_fires /tools/t/approve_if/1"]);
    expect(ofRule({ require: [always] })).toEqual(["never_fires /tools/t/require/0"]);
    expect(ofRule({ action: "require_approval", approve_if: [group] })).toEqual(["never_fires /tools/t/approve_if"]);
    expect(ofRule({ limits }, { all_tools: { deny_if: [always] } })).toEqual(["never_fires /tools/t/limits"]);
  });

  it("tells of limits that refuse every call or none", () => {
    expect(ofLimit({ max: 0 })).toEqual(["never_allows …/max"]);
    expect(ofLimit({ max: 3, increment: 4 })).toEqual(["never_allows …/max"]);
    expect(ofLimit({ max: 0, increment: 0 })).toEqual(["never_fires …"]);
    expect(ofLimit({ max: 0, increment_from: "args.n" })).toEqual([]);
    expect(ofRule({ rate_limit: { max: 0, window: 60 }, action: "require_approval" })).toEqual([
      "never_allows /tools/t/rate_limit/max",
      "never_fires /tools/t/action",
    ]);
  });

  it("tells of a requirement that no call can meet", () => {
    const oneOf = (path: string, value: unknown[]) => ({ require: [{ conditions: [{ path, op: "in", value }] }] });
    expect(ofRule(oneOf("args.a", []))).toEqual(["never_allows /tools/t/require/0/conditions/0/value"]);
    expect(ofRule(oneOf("args.a", [1]))).toEqual([]);
    // Of no elements every one is in the list.
    expect(ofRule(oneOf("args.a[*]", []))).toEqual([]);
  });

  it("is not given for a document that says nothing in vain", () => {
    expect(
      ofRule({ require: [group], deny_if: [group, group], approve_if: [group], limits }, { all_tools: { limits } }),
    ).toEqual([]);
  });
});
