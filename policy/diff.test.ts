import { describe, expect, it, vi } from "vitest";
import { diff } from "./diff.ts";
import { evaluate } from "./evaluate.ts";
import { generateCall, generateDocument, randomOf, startTime, toolNames } from "./generate.test-support.ts";
import { parsePolicy } from "./parse.ts";
import type { KnownTool } from "./reachable.ts";
import type { PolicyDocument } from "./schema.ts";

// Many runs, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const tools: KnownTool[] = [
  { name: "vm_create", category: "Execute" },
  { name: "vm_list", category: "Read" },
  { name: "vm_terminate", category: "Destructive" },
];

function between(before: object, after: object): string[] {
  const document = (fields: object) => ({ version: "1", default: "deny", ...fields }) as PolicyDocument;
  return diff(document(before), document(after), tools).map(({ sentence }) => sentence);
}

const limit = (max: number, more: object = {}) => ({ limits: [{ counter: "c", window: "minute", max, ...more }] });

describe("diff", () => {
  it("says what a tool was and what it is now", () => {
    expect(between({}, { tools: { vm_create: limit(10) } })).toEqual([
      "`vm_create`: was denied, now at most 10 a minute",
    ]);
    expect(between({ hide: ["vm_list"] }, { tools: { vm_list: {} } })).toEqual(["`vm_list`: was hidden, now allowed"]);
    expect(between({ tools: { vm_list: {} } }, { tools: { vm_list: { action: "require_approval" } } })).toEqual([
      "`vm_list`: was allowed, now with approval",
    ]);
  });

  it("says of many bounds only those that change", () => {
    const require = [{ conditions: [{ path: "args.type", op: "eq", value: "small" }] }];
    expect(
      between({ tools: { vm_create: { require, ...limit(10) } } }, { tools: { vm_create: { require, ...limit(20) } } }),
    ).toEqual(["`vm_create`: was at most 10 a minute, now at most 20 a minute"]);
    expect(between({ tools: { vm_create: limit(10) } }, { tools: { vm_create: { require, ...limit(10) } } })).toEqual([
      '`vm_create`: now also only when args.type is "small"',
    ]);
    expect(between({ tools: { vm_create: { require, ...limit(10) } } }, { tools: { vm_create: limit(10) } })).toEqual([
      '`vm_create`: no longer only when args.type is "small"',
    ]);
  });

  it("names tools with the same change together", () => {
    expect(between({}, { tools: { "vm_*": {} } })).toEqual([
      "`vm_create`, `vm_list` and `vm_terminate`: were denied, now allowed",
    ]);
    expect(between({}, { default: "allow" })).toEqual([
      "`vm_create`, `vm_list` and `vm_terminate`: were denied, now allowed",
      "a tool that nothing names: was denied, now allowed",
    ]);
  });

  it("says what callers and counters notice when the bounds stay", () => {
    const same = "the same bounds, written differently: their order, their counters or what callers read";
    expect(between({ tools: { vm_list: limit(1) } }, { tools: { vm_list: limit(1, { counter: "d" }) } })).toEqual([
      `\`vm_list\`: ${same}`,
    ]);
    expect(
      between({ tools: { vm_list: { action: "deny" } } }, { tools: { vm_list: { action: "deny", reason: "r" } } }),
    ).toEqual(["`vm_list`: still refused, callers read another reason"]);
  });

  it("says what concerns no tool of the list", () => {
    expect(
      between(
        { categories: { Financial: {} }, hide: ["x_*"] },
        { tools: { later: {}, "db_*": limit(5) }, timezone: "Asia/Kolkata", description: "d" },
      ),
    ).toEqual([
      "`later`: was denied, now allowed",
      "tools like `db_*` that nothing else names: was without a rule, now at most 5 a minute",
      "Financial tools that nothing else names: was allowed, now without a rule",
      "tools like `x_*`: no longer hidden",
      "hours and weekdays: were those of UTC, now those of Asia/Kolkata",
      'the description: was empty, now "d"',
    ]);
  });

  it("says nothing only of documents that say the same", () => {
    const rule = { require: [], ...limit(1) };
    expect(between({ tools: { vm_list: rule, vm_create: {} } }, { tools: { vm_create: {}, vm_list: rule } })).toEqual(
      [],
    );
    expect(
      between({ tools: { vm_list: {}, "vm_l*": {} } }, { tools: { vm_list: {}, "vm_l*": limit(3) } }),
    ).toHaveLength(1);
  });

  // Guards what a person relies on when publishing: a tool that is decided differently is named.
  it("names every tool of which a call is decided differently", () => {
    const random = randomOf(20_260_731);
    const state = { frozen: false, definitionChanged: false };
    let differing = 0;
    for (let run = 0; run < 250; run += 1) {
      const [before, after] = [parsed(generateDocument(random)), parsed(generateDocument(random))];
      const calls = Array.from({ length: 10 }, () => generateCall(random, startTime));
      for (const call of calls) {
        const [was, is] = [evaluate(before.policy, call, state), evaluate(after.policy, call, state)];
        if (was.code === is.code) continue;
        differing += 1;
        const list = toolNames.map((name) => ({ name, category: call.category }));
        expect(diff(before.document, after.document, list).flatMap((one) => one.tools)).toContain(call.tool);
      }
      expect(diff(before.document, before.document, [])).toEqual([]);
    }
    expect(differing).toBeGreaterThan(300);
  });
});

function parsed(document: PolicyDocument) {
  const answer = parsePolicy(JSON.stringify(document));
  if (!answer.ok) throw new Error(JSON.stringify([answer.problems, document]));
  return answer;
}
