import { describe, expect, it, vi } from "vitest";
import { evaluate, type ToolCall } from "./evaluate.ts";
import { parsePolicy } from "./parse.ts";

// Processor time on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

// RE2 is what keeps a pattern from stopping the gateway. The table: what other engines hang on is either answered in a
// time that grows with the text and no faster, or refused when the policy is written.

function parsedWith(value: string) {
  const deny_if = [{ conditions: [{ path: "args.s", op: "regex", value }] }];
  return parsePolicy(JSON.stringify({ version: "1", default: "deny", tools: { t: { deny_if } } }));
}

function call(s: string): ToolCall {
  const nobody = {
    grant: { id: "g", label: "" },
    client: {},
    session: {},
    server: { id: "s" },
    organisation: { id: "o" },
  };
  return { tool: "t", category: "Other", arguments: { s }, now: 0, ...nobody };
}

function msOf(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

describe("a pattern that other engines hang on", () => {
  it.each([
    ["(a+)+$", "a", "!"],
    ["(a*)*b", "a", ""],
    ["(a|a)*b", "a", ""],
    ["(a|aa)+$", "a", "!"],
    ["(.*a){12}$", "a", "!"],
    ["^(\\w+\\s?)*$", "word ", "!"],
    ["^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}$", "a", "!"],
    ["(x+x+)+y", "x", ""],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a", ""],
    ["((a{0,20}){0,10})b", "a", ""],
    ["\\d+\\d+\\d+x", "1", ""],
  ])("%s is answered in time", (pattern, unit, end) => {
    const parsed = parsedWith(pattern);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const state = { frozen: false, definitionChanged: false };
    const time = (length: number) => msOf(() => evaluate(parsed.policy, call(unit.repeat(length) + end), state));
    // Generous, as a busy machine is: a backtracking engine needs longer than the sun burns for either.
    expect(time(1_000)).toBeLessThan(2_000);
    expect(time(20_000)).toBeLessThan(3_000);
  });
});

describe("a pattern that is no RE2", () => {
  it.each([
    ["look-ahead", "(?=a)b"],
    ["negative look-ahead", "a(?!b)"],
    ["look-behind", "(?<=a)b"],
    ["negative look-behind", "(?<!a)b"],
    ["back-reference", "(a)\\1"],
    ["named back-reference", "(?P<x>a)(?P=x)"],
    ["atomic group", "(?>a+)b"],
    ["possessive repetition", "a++b"],
    ["conditional", "(?(1)a|b)"],
    ["recursion", "(?R)"],
    ["repetition beyond 1,000", "a{1001}"],
    ["repetition of repetition", "((a{100}){100}){100}"],
    ["unclosed group", "(a"],
    ["unclosed class", "[a"],
    ["nothing to repeat", "*a"],
    ["trailing backslash", "a\\"],
    ["unknown escape", "\\y"],
    ["more than 2,000 characters", "a".repeat(2_001)],
  ])("is refused: %s", (_, pattern) => {
    const parsed = parsedWith(pattern);
    expect(parsed.ok).toBe(false);
    expect(parsed.problems[0]).toMatchObject({
      code: "bad_regex",
      pointer: "/tools/t/deny_if/0/conditions/0/value",
      message: expect.stringMatching(/RE2|regex/),
    });
  });
});
