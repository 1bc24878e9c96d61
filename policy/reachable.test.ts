import { describe, expect, it, vi } from "vitest";
import { evaluate } from "./evaluate.ts";
import { generateCall, generateDocument, randomOf, startTime } from "./generate.test-support.ts";
import { Counters } from "./limits.ts";
import { parsePolicy } from "./parse.ts";
import { reachable } from "./reachable.ts";

// Many runs, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

function policyOf(document: object) {
  const parsed = parsePolicy(JSON.stringify({ version: "1", default: "deny", ...document }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

function reachOf(document: object, category: "Read" | "Destructive" = "Read"): string {
  const [found] = reachable(policyOf(document), [{ name: "t", category }]);
  return `${found?.reach} ${found?.pointer}`;
}

const condition = { path: "args.a", op: "eq", value: 1 };

describe("reachable", () => {
  it.each<[object, string]>([
    [{}, "never /default"],
    [{ default: "allow" }, "freely /default"],
    [{ tools: { t: {} } }, "freely /tools/t"],
    [{ tools: { t: {} }, hide: ["t"] }, "never /hide"],
    [{ categories: { Read: {} } }, "freely /categories/Read"],
    [{ tools: { t: {} }, all_tools: { action: "deny" } }, "never /all_tools/action"],
    [{ tools: { t: { require: [{ conditions: [condition] }] } } }, "under_conditions /tools/t/require/0"],
    [{ tools: { t: { require: [{ conditions: [] }] } } }, "freely /tools/t"],
    [
      { tools: { t: { require: [{ conditions: [{ path: "args.a", op: "in", value: [] }] }] } } },
      "never /tools/t/require/0",
    ],
    [
      { tools: { t: { require: [{ conditions: [{ path: "args.a[*]", op: "in", value: [] }] }] } } },
      "under_conditions /tools/t/require/0",
    ],
    [{ tools: { t: { deny_if: [{ conditions: [] }] } } }, "never /tools/t/deny_if/0"],
    [{ tools: { t: { rate_limit: { max: 3, window: 60 } } } }, "under_conditions /tools/t/rate_limit"],
    [{ tools: { t: { rate_limit: { max: 0, window: 60 } } } }, "never /tools/t/rate_limit"],
    [{ tools: { t: { action: "require_approval" } } }, "with_approval /tools/t/action"],
    [{ tools: { t: { approve_if: [{ conditions: [] }] } } }, "with_approval /tools/t/approve_if/0"],
    [{ tools: { t: { approve_if: [{ conditions: [condition] }] } } }, "under_conditions /tools/t/approve_if/0"],
    [
      { tools: { t: { require: [{ conditions: [condition] }], action: "require_approval" } } },
      "with_approval /tools/t/action",
    ],
  ])("tells of %j: %s", (document, expected) => expect(reachOf(document)).toBe(expected));

  it("knows a tool's name and category without a call", () => {
    const deny_if = [{ conditions: [{ path: "tool.category", op: "eq", value: "Destructive" }] }];
    expect(reachOf({ tools: { t: {} }, all_tools: { deny_if } })).toBe("freely /tools/t");
    expect(reachOf({ tools: { t: {} }, all_tools: { deny_if } }, "Destructive")).toBe("never /all_tools/deny_if/0");
  });

  // Guards the exposure that people are shown: what is called unreachable is, and what is called free is.
  it("agrees with what calls are answered", () => {
    const random = randomOf(20_260_801);
    const state = { frozen: false, definitionChanged: false };
    const seen = new Map<string, number>();
    for (let run = 0; run < 400; run += 1) {
      const policy = policyOf(generateDocument(random));
      for (let nth = 0; nth < 10; nth += 1) {
        const call = generateCall(random, startTime);
        const reach = reachable(policy, [{ name: call.tool, category: call.category }])[0]?.reach ?? "";
        const decision = evaluate(policy, call, state);
        const fits = "reserve" in decision && new Counters().reserve(decision.reserve, call.now).ok;
        const { code } = decision;
        if (reach === "freely") expect(code === "allowed" && fits, JSON.stringify(call)).toBe(true);
        if (reach === "with_approval") expect(code).not.toBe("allowed");
        if (reach === "never") expect("reserve" in decision && fits).toBe(false);
        seen.set(`${reach} ${code}`, (seen.get(`${reach} ${code}`) ?? 0) + 1);
      }
    }
    for (const kind of ["freely allowed", "with_approval approval_required", "under_conditions allowed"]) {
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(100);
    }
  });
});
