import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../policy/parse.ts";
import { startTime, tryCalls } from "../try-calls.ts";
import { convertIntercept } from "./convert.ts";
import { InterceptProxy, type ProxyCondition, type ProxyPolicy, type ProxyRule } from "./proxy.test-support.ts";

const seed = Number(process.env.CONVERT_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** More, and more often, with CONVERT_RUNS. */
const runs = Number(process.env.CONVERT_RUNS ?? 500);

const scalar = fc.constantFrom<unknown>(
  0,
  1,
  2,
  5,
  -1,
  1.5,
  1e6,
  "",
  "1",
  "5",
  "a",
  "ab",
  "true",
  "1e+06",
  true,
  false,
  null,
);
const value = fc.oneof({ weight: 5, arbitrary: scalar }, { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) });
const path = fc.constantFrom("args.a", "args.b", "args.c.d");
const number = fc.constantFrom(-1, 0, 1, 2, 3.5, 4);
const list = fc.array(scalar, { maxLength: 3 });
// Texts that look like nothing else are carried over as they are; the others bring a note along.
const text = fc.constantFrom<unknown>("a", "ab", "b", "", "A");
const argumentCondition: fc.Arbitrary<ProxyCondition> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ path, op: fc.constantFrom("eq", "contains"), value: text }) },
  { weight: 3, arbitrary: fc.record({ path, op: fc.constant("in"), value: fc.array(text, { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ path, op: fc.constantFrom("eq", "neq", "contains"), value }) },
  { weight: 1, arbitrary: fc.record({ path, op: fc.constantFrom("in", "not_in"), value: list }) },
  { weight: 3, arbitrary: fc.record({ path, op: fc.constantFrom("lt", "lte", "gt", "gte"), value: number }) },
  { weight: 2, arbitrary: fc.record({ path, op: fc.constant("regex"), value: fc.constantFrom("a", "^a$", "") }) },
  { weight: 2, arbitrary: fc.record({ path, op: fc.constant("exists"), value: fc.boolean() }) },
);
const counterCondition = (scope: string, counter: string): fc.Arbitrary<ProxyCondition> =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: onCounter(scope, counter, number, ["lte", "lte", "lte", "lt", "lt", "lt", "lt", "gte", "eq"]),
    },
    { weight: 1, arbitrary: onCounter(scope, counter, fc.boolean(), ["exists"]) },
  );
const onCounter = (scope: string, counter: string, compared: fc.Arbitrary<unknown>, ops: string[]) =>
  fc.record({ path: fc.constant(`state.${scope}.${counter}`), op: fc.constantFrom(...ops), value: compared });
const window = fc.constantFrom("minute" as const, "hour" as const, "day" as const);

function rulesFor(scope: string): fc.Arbitrary<ProxyRule[]> {
  const plain: fc.Arbitrary<ProxyRule> = fc.record({
    name: fc.constant("conditions"),
    conditions: fc.array(argumentCondition, { minLength: 1, maxLength: 2 }),
  });
  const counting = (counter: string): fc.Arbitrary<ProxyRule> =>
    fc
      .record({
        window,
        increment: fc.constantFrom(undefined, 0, 1, 2),
        increment_from: fc.constantFrom(undefined, undefined, undefined, "args.a"),
        bounds: fc.array(counterCondition(scope, counter), { minLength: 1, maxLength: 2 }),
        others: fc.array(argumentCondition, { maxLength: 1 }),
      })
      .map(({ bounds, others, increment, increment_from, ...state }) => ({
        name: counter,
        conditions: [...others, ...bounds],
        state: {
          counter,
          ...state,
          ...(increment === undefined ? {} : { increment }),
          ...(increment_from === undefined ? {} : { increment_from }),
        },
      }));
  const looking: fc.Arbitrary<ProxyRule[]> = fc
    .tuple(counting("seen"), counterCondition(scope, "seen"))
    .map(([rule, condition]) => [rule, { name: "looks", conditions: [condition] }]);
  const rate: fc.Arbitrary<ProxyRule> = fc.record({
    name: fc.constant("rate"),
    rate_limit: fc.constantFrom("1/minute", "3/hour", "4/day"),
  });
  const denying: fc.Arbitrary<ProxyRule> = fc.constant({ name: "no", action: "deny" });
  return fc
    .oneof<fc.WeightedArbitrary<readonly ProxyRule[]>[]>(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 4, arbitrary: plain.map((rule) => [rule]) },
      { weight: 3, arbitrary: fc.tuple(plain, counting("one")) },
      { weight: 3, arbitrary: fc.tuple(counting("one"), rate) },
      { weight: 2, arbitrary: looking },
      { weight: 1, arbitrary: fc.tuple(rate, denying) },
    )
    .map((rules) => [...rules]);
}

function oftenNothing<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

const policies: fc.Arbitrary<ProxyPolicy> = fc
  .record({
    default: fc.constantFrom(undefined, "allow" as const, "deny" as const),
    hide: oftenNothing(fc.constantFrom(["b_tool"], ["*"], [])),
    a: rulesFor("a_tool"),
    b: oftenNothing(rulesFor("b_tool")),
    all: oftenNothing(rulesFor("_global")),
  })
  .map(({ default: posture, hide, a, b, all }) => ({
    version: "1",
    ...(posture ? { default: posture } : {}),
    ...(hide ? { hide: [...hide] } : {}),
    tools: { a_tool: { rules: a }, ...(b ? { b_tool: { rules: b } } : {}), ...(all ? { "*": { rules: all } } : {}) },
  }));

const nested = fc.oneof(fc.record({ d: value }, { requiredKeys: [] }), scalar);
/** What the conditions above ask for. */
const likely = fc.constantFrom<unknown>("a", "ab", 1, 2, 0);
const calls = fc.array(
  fc.record({
    tool: fc.constantFrom("a_tool", "a_tool", "b_tool", "c_tool"),
    arguments: fc.oneof(
      { weight: 1, arbitrary: fc.record({ a: value, b: value, c: nested }, { requiredKeys: [] }) },
      { weight: 3, arbitrary: fc.record({ a: likely, b: likely, c: fc.record({ d: likely }) }) },
    ),
    wait: fc.constantFrom(0, 0, 0, 20_000, 3_600_000, 86_400_000),
  }),
  { minLength: 1, maxLength: 12 },
);

describe(`a converted policy, with CONVERT_SEED=${seed}`, () => {
  it("never allows what the proxy refuses, and decides the same when nothing is noted", () => {
    const compared = { same: 0, stricter: 0, noted: 0, allowed: 0 };
    fc.assert(
      fc.property(policies, calls, (policy, sequence) => {
        const converted = convertIntercept(JSON.stringify(policy));
        if (!converted.ok) throw new Error(JSON.stringify(converted.problems));
        const parsed = parsePolicy(JSON.stringify(converted.document));
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
        const isNoted = converted.notCarried.some(({ effect }) => effect !== "left_out");
        compared.noted += Number(isNoted);
        const proxy = new InterceptProxy(policy);
        let now = startTime;
        const expectations = sequence.map(({ tool, wait, arguments: args }, index) => {
          now += wait;
          const at = (now - startTime) / 1_000;
          return { tool, arguments: args, at, line: index, column: 1, expect: { code: "allowed" as const } };
        });
        const results = tryCalls(parsed.policy, expectations, () => "Other");
        now = startTime;
        for (const [index, { tool, arguments: args, wait }] of sequence.entries()) {
          now += wait;
          const there = proxy.allows(tool, args as Record<string, unknown>, now);
          const here = results[index]?.ok === true;
          compared.same += Number(there === here);
          compared.allowed += Number(there && here);
          if (there === here) continue;
          expect(here, "allowed although the proxy refuses").toBe(false);
          expect(isNoted, `call ${index} is refused without a note`).toBe(true);
          compared.stricter += 1;
          // From here on the counters differ, because one has counted a call more.
          return;
        }
      }),
      { numRuns: runs, seed },
    );
    // Otherwise the generators would only make policies that nobody compares.
    expect(compared.same).toBeGreaterThan(runs);
    expect(compared.allowed).toBeGreaterThan(runs);
    expect(compared.noted).toBeLessThan(runs * 0.8);
  }, 120_000);
});
