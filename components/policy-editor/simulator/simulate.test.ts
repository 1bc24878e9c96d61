import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../policy/parse.ts";
import { agentAnswer, type Situation, simulate } from "./simulate.ts";
import { traceLines } from "./trace-lines.ts";

const parsed = parsePolicy(
  JSON.stringify({
    version: "1",
    default: "deny",
    hide: ["vm_terminate"],
    tools: {
      vm_create_image: { limits: [{ counter: "rate", window: "minute", max: 10 }] },
      vm_create: {
        require: [
          {
            conditions: [{ path: "args.instanceType", op: "in", value: ["t3.micro", "t3.small"] }],
            on_deny: "Only t3.micro and t3.small.",
          },
        ],
        limits: [{ counter: "spend", window: "day", max: 1, increment_from: "args.price" }],
        approve_if: [{ conditions: [{ path: "args.spot", op: "eq", value: false }], timeout: 600 }],
      },
    },
  }),
);
if (!parsed.ok) throw new Error("the policy of this test is wrong");
const { policy, document } = parsed;

function trying(tool: string, args: object = {}, callsBefore = 0): Situation {
  return {
    tool: { name: tool, category: "Write" },
    arguments: args,
    now: Date.UTC(2026, 5, 1, 12),
    grantLabel: "CI",
    clientName: "",
    sessionId: "s1",
    callsBefore,
  };
}

describe("a simulated call", () => {
  it("is refused when ten calls of a minute are used, in the words that the agent reads", () => {
    expect(simulate(policy, trying("vm_create_image", {}, 9)).code).toBe("allowed");
    const eleventh = simulate(policy, trying("vm_create_image", {}, 10));
    expect(eleventh).toMatchObject({ code: "rate_limited", throughBefore: 10, retryAfterS: 60 });
    expect(agentAnswer(eleventh, "vm_create_image")).toEqual({
      kind: "result",
      text: "[POLICY DENIED] vm_create_image is limited to 10 calls a minute. Try again in 60 s.",
      meta: { code: "rate_limited", rule: "/tools/vm_create_image/limits/0", retry_after_s: 60, decision_id: "…" },
    });
  });

  it("says what it would take from each limit", () => {
    expect(simulate(policy, trying("vm_create_image", {}, 2)).taken).toEqual([
      { rule: "/tools/vm_create_image/limits/0", max: 10, amount: 1, used: 2, fits: true },
    ]);
    const tenth = simulate(policy, trying("vm_create", { instanceType: "t3.micro", price: 0.1 }, 9));
    expect(tenth.taken[0]).toMatchObject({ used: 0.9, amount: 0.1, fits: true });
    const over = simulate(policy, trying("vm_create", { instanceType: "t3.micro", price: 0.1 }, 10));
    expect(over).toMatchObject({ code: "rate_limited", taken: [{ used: 1, fits: false }] });
  });

  it("counts only those before it that went through", () => {
    expect(simulate(policy, trying("vm_create_image", {}, 5_000)).throughBefore).toBe(10);
  });

  it("waits for a person where the policy asks one, and then nobody is answered yet", () => {
    const asked = simulate(policy, trying("vm_create", { instanceType: "t3.micro", price: 0, spot: false }));
    expect(asked).toMatchObject({ code: "approval_required", timeoutS: 600 });
    expect(agentAnswer(asked, "vm_create")).toBeNull();
  });

  it("is told that a hidden tool is none", () => {
    expect(agentAnswer(simulate(policy, trying("vm_terminate")), "vm_terminate")).toEqual({
      kind: "error",
      code: -32602,
      text: "Unknown tool: vm_terminate",
    });
  });
});

describe("the steps of a simulated call", () => {
  const lines = (tool: string, args: object = {}, before = 0) =>
    traceLines(simulate(policy, trying(tool, args, before)), document, args);

  it("say what was looked at, what the call has there, and what decided", () => {
    const args = { instanceType: "m5.large", price: 1 };
    expect(lines("vm_create", args).at(-1)).toEqual({
      pointer: "/tools/vm_create/require/0",
      title: "Requirement",
      whose: "vm_create",
      words: 'args.instanceType is one of "t3.micro", "t3.small"',
      outcome: "decides",
      conditions: [
        {
          pointer: "/tools/vm_create/require/0/conditions/0",
          words: 'args.instanceType is one of "t3.micro", "t3.small"',
          outcome: "does_not_hold",
          seen: '"m5.large"',
        },
      ],
    });
  });

  it("show a used up limit as what decided", () => {
    expect(lines("vm_create_image", {}, 10).map(({ title, outcome }) => `${title}: ${outcome}`)).toEqual([
      "Hidden tools: passes",
      "Limit: full",
    ]);
  });

  it("lead to their places, where they have one", () => {
    expect(lines("other").map(({ pointer, words }) => [pointer, words])).toEqual([
      ["/hide", "the tool is not among them"],
      ["/default", "nothing names the tool, so: deny"],
    ]);
  });
});
