import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type Decision, evaluate, type ToolCall } from "./evaluate.ts";
import { explain } from "./explain.ts";
import { generateCall, generateDocument, pick, type Random, randomOf, startTime } from "./generate.test-support.ts";
import { Counters } from "./limits.ts";
import { parsePolicy } from "./parse.ts";
import { rewrite } from "./rewrite.ts";
import type { PolicyDocument, ToolRule } from "./schema.ts";

// Promises about all documents and calls. fast-check draws the seeds and prints the one that fails.

// Many runs, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const state = { frozen: false, definitionChanged: false };
const callsOfDocument = 15;

function parsed(document: PolicyDocument) {
  const answer = parsePolicy(JSON.stringify(document));
  if (!answer.ok) throw new Error(JSON.stringify([answer.problems, document]));
  return answer;
}

function callsOf(random: Random): ToolCall[] {
  return Array.from({ length: callsOfDocument }, (_, nth) => generateCall(random, startTime + nth * 20_000));
}

/** What callers notice, call after call: the code once the counters were asked. */
function answers(document: PolicyDocument, calls: readonly ToolCall[]): Decision["code"][] {
  const { policy } = parsed(document);
  const counters = new Counters();
  return calls.map((call) => {
    const decision = evaluate(policy, call, state);
    if (!("reserve" in decision)) return decision.code;
    return counters.reserve(decision.reserve, call.now).ok ? decision.code : "rate_limited";
  });
}

/** One call on its own, with empty counters. */
function answer(document: PolicyDocument, call: ToolCall): Decision["code"] {
  return answers(document, [call])[0] ?? "denied";
}

const passes = (code: Decision["code"]) => code === "allowed" || code === "approval_required";

function forAllSeeds(numRuns: number, promise: (random: Random) => void): void {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_294_967_295 }), (seed) => promise(randomOf(seed))),
    { numRuns },
  );
}

/** A rule of the document, picked at random; null when it has none. */
function someRule(random: Random, document: PolicyDocument): ToolRule | null {
  const rules = [
    ...Object.values(document.tools ?? {}),
    ...Object.values(document.categories ?? {}),
    ...(document.all_tools ? [document.all_tools] : []),
  ];
  return rules.length === 0 ? null : pick(random, rules);
}

function shuffled<T>(random: Random, values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

describe("a stricter document", () => {
  it("never allows a call that the one without the deny_if or limit does not", () => {
    let changed = 0;
    forAllSeeds(400, (random) => {
      const before = generateDocument(random);
      const after = structuredClone(before);
      const rule = someRule(random, after);
      const donor = someRule(random, generateDocument(random));
      if (!rule || !donor) return;
      rule.deny_if = [...(donor.deny_if ?? []), ...(rule.deny_if ?? [])];
      const limits = (donor.limits ?? []).map((limit) => ({ ...limit, counter: `new_${limit.counter}` }));
      rule.limits = [...(rule.limits ?? []), ...limits];
      rule.require = [...(rule.require ?? []), ...(donor.require ?? [])];
      for (const call of callsOf(random)) {
        const [was, is] = [answer(before, call), answer(after, call)];
        if (was !== is) changed += 1;
        if (passes(is)) expect(passes(was)).toBe(true);
        if (is === "allowed") expect(was).toBe("allowed");
      }
    });
    expect(changed).toBeGreaterThan(50);
  });
});

describe("the order", () => {
  it("of groups, conditions, limits and keys decides nothing", () => {
    forAllSeeds(400, (random) => {
      const before = generateDocument(random);
      // Globs with equally many literal characters are told apart by their order, so of those only one.
      for (const name of Object.keys(before.tools ?? {})) {
        if (name.includes("*") && !["*", "a*", "ab*"].includes(name)) delete before.tools?.[name];
      }
      const after = reordered(random, before) as PolicyDocument;
      const calls = callsOf(random);
      const kinds = (document: PolicyDocument) =>
        answers(document, calls).map((code) => (code === "invalid_increment" ? "rate_limited" : code));
      expect(kinds(after)).toEqual(kinds(before));
    });
  });
});

/** The same with all keys, and all lists whose order means nothing, in another order. */
function reordered(random: Random, value: unknown, name = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => (name === "value" ? item : reordered(random, item)));
    const isFree = ["require", "deny_if", "approve_if", "conditions", "limits", "hide"].includes(name);
    return isFree ? shuffled(random, items) : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, reordered(random, item, key)] as const);
  return Object.fromEntries(shuffled(random, entries));
}

describe("reading and writing", () => {
  it("gives the same document back, in any layout", () => {
    forAllSeeds(300, (random) => {
      const document = generateDocument(random);
      for (const indent of [0, 2, "\t"]) {
        const text = JSON.stringify(document, null, indent);
        const again = parsePolicy(text);
        expect(again.ok && JSON.stringify(again.document, null, indent)).toBe(text);
        expect(rewrite(text, document)).toBe(text);
      }
    });
  });

  it("explains every document in sentences, and never throws", () => {
    forAllSeeds(300, (random) => {
      const { policy, document } = parsed(generateDocument(random));
      const said = explain(policy);
      const groups = Object.values({ ...document.tools, ...document.categories, all: document.all_tools }).flatMap(
        (rule) => [
          ...(rule?.require ?? []),
          ...(rule?.deny_if ?? []),
          ...(rule?.approve_if ?? []),
          ...(rule?.limits ?? []),
        ],
      );
      expect(said.length).toBeGreaterThan(groups.length);
      expect(new Set(said.map(({ pointer }) => pointer)).size).toBe(said.length);
      for (const { sentence } of said) expect(sentence).not.toMatch(/undefined|NaN|\[object/);
    });
  });
});

describe("an argument of another type", () => {
  const guards = [
    { op: "gt", value: 100, good: 5, wrong: (value: unknown) => typeof value !== "number" },
    { op: "lte", value: 100, good: 500, wrong: (value: unknown) => typeof value !== "number" },
    { op: "regex", value: "^/etc", good: "/srv", wrong: (value: unknown) => typeof value !== "string" },
    {
      op: "contains",
      value: "secret",
      good: "plain",
      wrong: (value: unknown) => typeof value !== "string" && !Array.isArray(value),
    },
  ];

  it.each(guards)("never passes a guard with $op", ({ op, value, good, wrong }) => {
    const conditions = [{ path: "args.x", op, value }];
    const policyWith = (field: string) =>
      parsed({ version: "1", default: "deny", tools: { a: { [field]: [{ conditions }] } } } as PolicyDocument).policy;
    const [deny, require, approve] = [policyWith("deny_if"), policyWith("require"), policyWith("approve_if")];
    const call = (x: unknown): ToolCall => ({ ...generateCall(randomOf(1), startTime), tool: "a", arguments: { x } });
    expect(evaluate(deny, call(good), state).code).toBe("allowed");
    const confused = fc.anything().filter((x) => x !== undefined && wrong(x));
    fc.assert(
      fc.property(confused, (x) => {
        expect(evaluate(require, call(x), state).code).toBe("requirement_failed");
        expect(evaluate(deny, call(x), state).code).toBe("denied");
        expect(evaluate(approve, call(x), state).code).toBe("approval_required");
      }),
      { numRuns: 300 },
    );
  });
});

describe("a sliding limit", () => {
  it("never lets more than max into any window, whenever calls come", () => {
    const gaps = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.constantFrom(0, 1, 59_999, 60_000, 60_001)),
      {
        minLength: 5,
        maxLength: 120,
      },
    );
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 6 }), fc.boolean(), (all, max, isAmount) => {
        const more = isAmount ? { increment_from: "args.n" } : {};
        const limits = [{ counter: "c", window: "minute", max, ...more }];
        const { policy } = parsed({ version: "1", default: "deny", tools: { a: { limits } } } as PolicyDocument);
        const counters = new Counters();
        const passed: { at: number; amount: number }[] = [];
        let now = startTime;
        for (const [nth, gap] of all.entries()) {
          now += gap;
          const n = (nth % 4) / 2;
          const call = { ...generateCall(randomOf(1), now), tool: "a", arguments: { n } };
          const decision = evaluate(policy, call, state);
          if ("reserve" in decision && counters.reserve(decision.reserve, now).ok) {
            passed.push({ at: now, amount: isAmount ? n : 1 });
          }
        }
        for (const { at: end } of passed) {
          const inside = passed.filter(({ at }) => at > end - 60_000 && at <= end);
          expect(inside.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(max);
        }
      }),
      { numRuns: 300 },
    );
  });
});
