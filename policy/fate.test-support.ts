// Asks the real engine whether a recommended document does what its page says.
import type { RiskCategory } from "../catalog/schema.ts";
import { type DecisionCode, evaluate, rateLimitedDecision } from "./evaluate.ts";
import { Counters } from "./limits.ts";
import { type ParsedPolicy, parsePolicy } from "./parse.ts";
import type { Recommendation, RecommendedTool } from "./recommend.ts";
import { schemaOf } from "./recommend.ts";
import { sampleArguments } from "./sample-call.test-support.ts";
import type { ToolRule } from "./schema.ts";

type Enforced = Extract<ParsedPolicy, { ok: true }>;

export function enforced(text: string, parsed: ParsedPolicy = parsePolicy(text)): Enforced {
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}

const start = Date.UTC(2026, 10, 23);

/** One call, by a grant that has made none before, or many at one moment on the same counters. */
export function codeOf(
  { policy }: Enforced,
  tool: { name: string; category: RiskCategory },
  args: unknown,
  counters = new Counters(),
): DecisionCode {
  const call = {
    tool: tool.name,
    category: tool.category,
    arguments: args,
    now: start,
    client: {},
    session: { id: "s" },
  };
  const who = { grant: { id: "g", label: "" }, server: { id: "s" }, organisation: { id: "o" } };
  const decision = evaluate(policy, { ...call, ...who }, { frozen: false, definitionChanged: false });
  if (!("reserve" in decision)) return decision.code;
  const reserved = counters.reserve(decision.reserve, start);
  return reserved.ok ? decision.code : rateLimitedDecision(reserved.failed, reserved.retryAfterS).code;
}

/** What the calls of a tool were answered with, one after the other, until the first that is not like the one before. */
export function fateOf(
  policy: Enforced,
  tool: RecommendedTool,
): { code: DecisionCode; times: number; next: DecisionCode } {
  const counters = new Counters();
  const args = sampleArguments(tool.inputSchema ?? schemaOf(tool.parameters ?? []));
  const code = codeOf(policy, tool, args, counters);
  for (let times = 1; times <= 40; times += 1) {
    const next = codeOf(policy, tool, args, counters);
    if (next !== code) return { code, times, next };
  }
  return { code, times: Number.POSITIVE_INFINITY, next: code };
}

/** What the page promises of a tool with this rule. */
export function promisedFate(kind: Recommendation, rule: ToolRule | undefined): ReturnType<typeof fateOf> {
  const always = (code: DecisionCode) => ({ code, times: Number.POSITIVE_INFINITY, next: code });
  switch (kind) {
    case "allow":
      return always("allowed");
    case "approve":
      return always("approval_required");
    case "hide":
      return always("hidden");
    case "limit": {
      const [limit] = rule?.limits ?? [];
      if (limit === undefined) throw new Error("no limit");
      return { code: rule?.approve_if ? "approval_required" : "allowed", times: limit.max, next: "rate_limited" };
    }
  }
}
