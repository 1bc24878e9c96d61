import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { evaluate, namesExactly, type ToolCall } from "./evaluate.ts";
import { parsePolicy } from "./parse.ts";

// Hundreds of runs each, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const state = { frozen: false, definitionChanged: false };

function policyOf(rule: object, more: object = {}) {
  const parsed = parsePolicy(JSON.stringify({ version: "1", default: "deny", ...more, tools: { t: rule } }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

function call(args: unknown, over: Partial<ToolCall> = {}): ToolCall {
  return {
    tool: "t",
    category: "Execute",
    arguments: args,
    grant: { id: "g", label: "label" },
    client: {},
    session: { id: "s" },
    server: { id: "srv" },
    organisation: { id: "org" },
    now: 1_700_000_000_000,
    ...over,
  };
}

function keyOf(limit: object, over: Partial<ToolCall> = {}, more: object = {}): string | undefined {
  const decision = evaluate(
    policyOf({ limits: [{ counter: "c", window: "minute", max: 1, ...limit }] }, more),
    call({}, over),
    state,
  );
  return "reserve" in decision ? decision.reserve[0]?.key : undefined;
}

describe("a number that a double cannot hold (NaN)", () => {
  const conditions: [string, unknown][] = [
    ["eq", 5],
    ["eq", "x"],
    ["neq", 5],
    ["lt", 5],
    ["gte", 5],
    ["in", [5, null]],
    ["not_in", [5]],
    ["contains", 5],
    ["regex", ".*"],
  ];
  it.each(conditions)("is indeterminate under %s %j", (op, value) => {
    const group = [{ conditions: [{ path: "args.n", op, value }] }];
    expect(evaluate(policyOf({ require: group }), call({ n: Number.NaN }), state).code).toBe("requirement_failed");
    expect(evaluate(policyOf({ deny_if: group }), call({ n: Number.NaN }), state).code).toBe("denied");
    expect(evaluate(policyOf({ approve_if: group }), call({ n: Number.NaN }), state).code).toBe("approval_required");
  });

  it("is indeterminate deep inside eq, in and contains", () => {
    const args = { o: { list: [1, { n: Number.NaN }] } };
    for (const [op, value] of [
      ["eq", {}],
      ["neq", {}],
      ["in", [{}]],
      ["not_in", [{}]],
    ] as const) {
      const policy = policyOf({ deny_if: [{ conditions: [{ path: "args.o", op, value }] }] });
      expect(evaluate(policy, call(args), state).code).toBe("denied");
    }
    const contains = policyOf({ deny_if: [{ conditions: [{ path: "args.o.list", op: "contains", value: 7 }] }] });
    expect(evaluate(contains, call(args), state).code).toBe("denied");
  });

  it("is there for exists", () => {
    const policy = policyOf({ require: [{ conditions: [{ path: "args.n", op: "exists", value: true }] }] });
    expect(evaluate(policy, call({ n: Number.NaN }), state).code).toBe("allowed");
  });

  it("is no increment, and as a key shares one counter", () => {
    const counting = policyOf({ limits: [{ counter: "c", window: "minute", max: 5, increment_from: "args.n" }] });
    expect(evaluate(counting, call({ n: Number.NaN }), state).code).toBe("invalid_increment");
    expect(keyOf({ key: "args.n" }, { arguments: { n: Number.NaN } })).toBe('["grant","g","/tools/t","c",60,[[]]]');
  });
});

describe("a counter's key", () => {
  it("is each owner's own, however many come in turn", () => {
    for (const scope of ["grant", "server", "organisation"] as const) {
      const policy = policyOf({ limits: [{ counter: "c", window: "minute", max: 1, scope }] });
      const owners = Array.from({ length: 700 }, (_, n) => `${n % 350}`);
      const keys = owners.map((id) => {
        const decision = evaluate(policy, call({}, { [scope]: { id, label: "l" } }), state);
        return "reserve" in decision ? decision.reserve[0]?.key : undefined;
      });
      expect(keys).toEqual(owners.map((id) => `["${scope}","${id}","/tools/t","c",60]`));
    }
  });

  it("has the scope and its owner, the rule, the name and the window", () => {
    expect(keyOf({})).toBe('["grant","g","/tools/t","c",60]');
    expect(keyOf({ scope: "session", window: "day", reset: "calendar" })).toBe(
      '["session","g","s","/tools/t","c","day"]',
    );
    expect(keyOf({ scope: "session" }, { session: {} })).toBe('["session","g",null,"/tools/t","c",60]');
    expect(keyOf({ scope: "server", window: 90 })).toBe('["server","srv","/tools/t","c",90]');
    expect(keyOf({ scope: "organisation" })).toBe('["organisation","org","/tools/t","c",60]');
    expect(keyOf({ key: "args.id" }, { arguments: { id: 'a"]' } })).toBe('["grant","g","/tools/t","c",60,["a\\"]"]]');
  });

  it("stays when max, order or another part of the document changes", () => {
    expect(keyOf({ max: 99, on_deny: "x" }, {}, { description: "second version", hide: ["x"] })).toBe(keyOf({}));
  });

  it("is JSON and differs whenever a part does", () => {
    const text = fc.string();
    const parts = fc.record({
      scope: fc.constantFrom("grant", "session", "server", "organisation"),
      id: text,
      session: text,
      value: text,
    });
    const keyFor = ({ scope, id, session, value }: { scope: string; id: string; session: string; value: string }) =>
      keyOf(
        { scope, key: "args.v" },
        {
          grant: { id, label: "" },
          server: { id },
          organisation: { id },
          session: { id: session },
          arguments: { v: value },
        },
      ) ?? "";
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const relevant = ({ scope, id, session, value }: typeof a) =>
          JSON.stringify(scope === "session" ? [scope, id, session, value] : [scope, id, value]);
        expect(keyFor(a) === keyFor(b)).toBe(relevant(a) === relevant(b));
        JSON.parse(keyFor(a));
      }),
      { numRuns: 100 },
    );
  });
});

describe("a trace", () => {
  it("lists each step with its outcome, up to the one that decides", () => {
    const policy = policyOf({
      require: [{ conditions: [{ path: "args.a", op: "eq", value: 1 }] }],
      deny_if: [
        {
          conditions: [
            { path: "args.n", op: "gt", value: 5 },
            { path: "args.x", op: "exists", value: true },
          ],
        },
      ],
      limits: [{ counter: "c", window: "minute", max: 1 }],
    });
    const allowed = evaluate(policy, call({ a: 1, n: "6" }), state, { trace: true });
    expect(allowed.trace?.map(({ step, rule, outcome }) => `${step} ${rule} ${outcome}`)).toEqual([
      "frozen (frozen) passes",
      "hide /hide passes",
      "definition (definition) passes",
      "require /tools/t/require/0 passes",
      "deny_if /tools/t/deny_if/0 passes",
      "limit /tools/t/limits/0 reserves",
    ]);
    expect(allowed.trace?.[4]?.conditions).toEqual([
      { rule: "/tools/t/deny_if/0/conditions/0", outcome: "indeterminate" },
      { rule: "/tools/t/deny_if/0/conditions/1", outcome: "does_not_hold" },
    ]);
    const denied = evaluate(policy, call({ a: 1, n: "6", x: 1 }), state, { trace: true });
    expect(denied.trace?.at(-1)).toMatchObject({ step: "deny_if", outcome: "decides" });
    const failed = evaluate(policy, call({ a: 2 }), state, { trace: true });
    expect(failed.trace?.at(-1)).toMatchObject({ step: "require", outcome: "decides" });
  });

  it("is not made unless asked for", () => {
    expect(evaluate(policyOf({}), call({}), state)).not.toHaveProperty("trace");
  });
});

describe("evaluate", () => {
  const policy = policyOf(
    {
      require: [{ conditions: [{ path: "args.a.b[*]", op: "not_in", value: [1, { x: 1 }] }] }],
      deny_if: [
        {
          conditions: [
            { path: "args.c.0", op: "regex", value: "x+" },
            { path: "time.hour", op: "lt", value: 24 },
          ],
        },
      ],
      limits: [{ counter: "c", window: "month", max: 5, reset: "calendar", increment_from: "args.n", key: "args.k" }],
    },
    { timezone: "Europe/Berlin" },
  );

  it("never throws and never changes the arguments, whatever they are", () => {
    const args = fc.oneof(
      fc.anything(),
      fc.record(
        { a: fc.record({ b: fc.anything() }), c: fc.anything(), n: fc.anything(), k: fc.anything() },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(args, fc.double(), (value, now) => {
        const decision = evaluate(policy, call(value, { now }), state, { trace: true });
        expect(decision.rule).not.toBe("(fault)");
      }),
      { numRuns: 1_000 },
    );
  });

  it("denies when it is given something that is broken", () => {
    const broken = new Proxy(
      {},
      {
        getOwnPropertyDescriptor: () => {
          throw new Error("no");
        },
      },
    );
    expect(evaluate(policy, call(broken), state)).toMatchObject({ code: "denied", rule: "(fault)" });
  });

  it("gives the same answer twice", () => {
    const args = { a: { b: [2] }, n: 1 };
    expect(evaluate(policy, call(args), state)).toEqual(evaluate(policy, call(args), state));
  });
});

describe("namesExactly", () => {
  it("is true for a name in `tools` and not for what a glob fits", () => {
    const parsed = parsePolicy('{ "version": "1", "default": "deny", "tools": { "a": {}, "b*": {} } }');
    if (!parsed.ok) throw new Error("not a policy");
    expect(["a", "b", "b*", "constructor"].map((tool) => namesExactly(parsed.policy, tool))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
