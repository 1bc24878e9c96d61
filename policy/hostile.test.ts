import { describe, expect, it, vi } from "vitest";
import { evaluate, type ToolCall } from "./evaluate.ts";
import { parsePolicy } from "./parse.ts";

// Hundreds of runs each, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

// Documents and arguments that someone wrote to stop the process. The bounds are generous milliseconds of processor
// time: they tell quadratic from linear, not fast from slow, and a busy machine does not change them much.

const state = { frozen: false, definitionChanged: false };

function msOf(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

function policyOf(tools: object) {
  const parsed = parsePolicy(JSON.stringify({ version: "1", default: "deny", tools }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems.slice(0, 3)));
  return parsed.policy;
}

function call(args: unknown): ToolCall {
  return {
    tool: "t",
    category: "Execute",
    arguments: args,
    grant: { id: "g", label: "" },
    client: {},
    session: {},
    server: { id: "s" },
    organisation: { id: "o" },
    now: 0,
  };
}

const regex = (value: string) => ({ deny_if: [{ conditions: [{ path: "args.s", op: "regex", value }] }] });

describe("a hostile document", () => {
  it("is refused quickly whatever it is full of", () => {
    const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const unknown = JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, nth) => [`f${nth}`, 0])));
    const digits = `{ "version": "1", "default": "deny", "tools": { "t": { "rate_limit": { "max": ${"9".repeat(200_000)}, "window": 1 } } } }`;
    const zeros = `{ "version": "1", "default": "deny", "x": 1${"0".repeat(200_000)} }`;
    const duplicates = `{${Array(30_000).fill('"a":1').join()}}`;
    const longName = `{"${"a".repeat(200_000)}":1}`;
    const quotes = `{"a":"${'\\"'.repeat(100_000)}`;
    for (const text of [nested, unknown, digits, zeros, duplicates, longName, quotes]) {
      let ok = true;
      expect(
        msOf(() => (ok = parsePolicy(text).ok)),
        text.slice(0, 40),
      ).toBeLessThan(2_000);
      expect(ok).toBe(false);
    }
  });

  it("of regexes that would fill the memory is refused", () => {
    const giant = "x{1000}".repeat(250);
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, nth) => [`t${nth}`, regex(`${nth}${giant}`)]));
    const parsed = parsePolicy(JSON.stringify({ version: "1", default: "deny", tools: many }));
    expect(parsed.ok).toBe(false);
    expect(parsed.problems.map(({ code }) => code)).toContain("bad_regex");
    const modest = Object.fromEntries(Array.from({ length: 200 }, (_, nth) => [`t${nth}`, regex(`${nth}x{1000}`)]));
    expect(parsePolicy(JSON.stringify({ version: "1", default: "deny", tools: modest })).ok).toBe(false);
  });

  it("names objects' own machinery in vain", () => {
    const text =
      '{ "version": "1", "default": "deny", "hide": ["__proto__"], "tools": { "__proto__": {}, "hasOwnProperty": {} } }';
    const parsed = parsePolicy(text);
    expect(parsed.ok).toBe(true);
    expect(({} as Record<string, unknown>).action).toBeUndefined();
  });
});

describe("hostile arguments", () => {
  it.each([
    ["(a+)+$", `${"a".repeat(50_000)}!`],
    ["(a|aa)+$", `${"a".repeat(50_000)}!`],
    ["(x+x+)+y", "x".repeat(50_000)],
    ["(.*)(.*)(.*)(.*)z$", "y".repeat(50_000)],
    ["(a|b)*a(a|b){50}[cd]{2}", `${"ab".repeat(2_000_000)}c`],
    ["[a-z]{500}[0-9]", "a".repeat(4_000_000)],
  ])("do not make the regex %s run away", (pattern, text) => {
    const policy = policyOf({ t: regex(pattern) });
    expect(msOf(() => evaluate(policy, call({ s: text }), state))).toBeLessThan(3_000);
  });

  it("that are too long for a regex count against the caller", () => {
    const require = [{ conditions: [{ path: "args.s", op: "regex", value: "^[a-z]{500,1000}$|^x" }] }];
    const policy = policyOf({ t: { require } });
    expect(evaluate(policy, call({ s: "x" }), state).code).toBe("allowed");
    expect(evaluate(policy, call({ s: "x".repeat(4_000_000) }), state).code).toBe("requirement_failed");
  });

  it("are not searched for a text that hides in them from every shortcut", () => {
    const value = `${"a".repeat(30_000)}b${"a".repeat(30_000)}`;
    const policy = policyOf({ t: { deny_if: [{ conditions: [{ path: "args.s", op: "contains", value }] }] } });
    expect(msOf(() => evaluate(policy, call({ s: "a".repeat(4_000_000) }), state))).toBeLessThan(3_000);
    expect(evaluate(policy, call({ s: "a".repeat(4_000_000) }), state).code).toBe("denied");
    expect(evaluate(policy, call({ s: "a".repeat(40_000) }), state).code).toBe("allowed");
  });

  it("do not multiply with the conditions of a large policy", () => {
    const conditions = (op: string, path: string, value: unknown) => Array(60).fill({ path, op, value });
    const groups = (op: string, path: string, value: unknown) =>
      Array(40).fill({ conditions: [...conditions(op, path, value), { path: "args.no", op: "exists", value: true }] });
    const list = Array.from({ length: 400_000 }, (_, nth) => nth);
    const cases: [object[], unknown][] = [
      [groups("gte", "args.list[*]", 0), { list }],
      [groups("contains", "args.list", 399_999), { list }],
      [groups("neq", "args.list", 1), { list }],
      [groups("contains", "args.s", "y"), { s: "x".repeat(4_000_000) }],
    ];
    for (const [deny_if, args] of cases) {
      const policy = policyOf({ t: { deny_if } });
      expect(msOf(() => evaluate(policy, call(args), state))).toBeLessThan(3_000);
    }
  });

  it("of very many names are not counted again for each value of a list", () => {
    const names = Object.fromEntries(Array.from({ length: 100_000 }, (_, nth) => [`k${nth}`, 0]));
    const members = Array(2_000).fill({});
    for (const condition of [
      { path: "args.o", op: "in", value: members },
      { path: "args.o", op: "not_in", value: members },
      { path: "args.o", op: "in", value: [members, { a: {} }] },
    ]) {
      const policy = policyOf({ t: { deny_if: [{ conditions: [condition] }] } });
      for (const o of [names, { a: names }]) {
        expect(msOf(() => evaluate(policy, call({ o }), state))).toBeLessThan(3_000);
      }
    }
  });

  it("of very many names are not compared with those of a policy without end", () => {
    const odd = Object.fromEntries(Array.from({ length: 250_000 }, (_, nth) => [`\u00e9${nth}`, 0]));
    const names = Array.from({ length: 3_500 }, (_, nth) => ({
      path: `args.list[*].f${nth}`,
      op: "exists",
      value: true,
    }));
    const deny_if = Array.from({ length: 70 }, (_, nth) => ({ conditions: names.slice(nth * 50, nth * 50 + 50) }));
    const policy = policyOf({ t: { deny_if } });
    for (const list of [[odd], Array(250_000).fill({}), Array(1_000).fill({ f1: 0, f2: 0, g: 0 })]) {
      expect(msOf(() => evaluate(policy, call({ list }), state))).toBeLessThan(3_000);
    }
  });

  it("nested a hundred thousand deep do not overflow the stack", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = level % 2 ? [deep] : { deep };
    const policy = policyOf({ t: { require: [{ conditions: [{ path: "args.a", op: "neq", value: { deep: 1 } }] }] } });
    expect(evaluate(policy, call({ a: deep }), state)).toMatchObject({ code: "allowed", rule: "/tools/t" });
  });
});
