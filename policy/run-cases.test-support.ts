import * as z from "zod";
import { riskCategories } from "../catalog/schema.ts";
import type * as evaluation from "./evaluate.ts";
import type * as counting from "./limits.ts";
import type * as parsing from "./parse.ts";

// The decision cases of cases/, run against this engine or a copy of it. cases/README.md has the fields.

export type Engine = Pick<typeof evaluation, "evaluate" | "isHidden" | "rateLimitedDecision"> &
  Pick<typeof counting, "Counters"> &
  Pick<typeof parsing, "parsePolicy">;

const callSchema = z.strictObject({
  tool: z.string(),
  category: z.enum(riskCategories).optional(),
  args: z.unknown().optional(),
  at: z.union([z.number(), z.iso.datetime()]).optional(),
  times: z.int().optional(),
  frozen: z.boolean().optional(),
  definitionChanged: z.boolean().optional(),
  label: z.string().optional(),
  client: z.string().optional(),
  session: z.string().nullable().optional(),
  grant: z.string().optional(),
  server: z.string().optional(),
  organisation: z.string().optional(),
  is: z.string(),
  message: z.string().optional(),
  retryAfterS: z.number().nullable().optional(),
  timeoutS: z.number().optional(),
  hidden: z.boolean().optional(),
});
type CaseCall = z.infer<typeof callSchema>;
const caseSchema = z.strictObject({
  it: z.string(),
  document: z.unknown().optional(),
  text: z.string().optional(),
  calls: z.array(callSchema).optional(),
  callsText: z.string().optional(),
});
export type DecisionCase = z.infer<typeof caseSchema>;

export function readCases(json: string): DecisionCase[] {
  return z.array(caseSchema).parse(JSON.parse(json));
}

/** Answers that are not the ones the case promises, one line each. */
export function brokenPromises(engine: Engine, { document, text, calls, callsText }: DecisionCase): string[] {
  const parsed = document === null ? null : engine.parsePolicy(text ?? JSON.stringify(document));
  if (parsed?.ok === false) return [`the document is refused: ${JSON.stringify(parsed.problems)}`];
  const policy = parsed === null ? null : parsed.policy;
  const counters = new engine.Counters();
  // zod leaves `__proto__` out, so calls about it come as text.
  const all: CaseCall[] = callsText === undefined ? (calls ?? []) : JSON.parse(callsText);
  if (all.length === 0) return ["the case has no calls"];
  return all.flatMap((call) =>
    Array.from({ length: call.times ?? 1 }, () => troublesOf(engine, policy, counters, call)).flat(),
  );
}

function troublesOf(
  engine: Engine,
  policy: Parameters<Engine["evaluate"]>[0],
  counters: counting.Counters,
  expected: CaseCall,
): string[] {
  const call = toolCall(expected);
  const state = { frozen: expected.frozen ?? false, definitionChanged: expected.definitionChanged ?? false };
  let decision: evaluation.Decision = engine.evaluate(policy, call, state);
  const { trace: _, ...traced } = engine.evaluate(policy, call, state, { trace: true });
  const found: Record<string, unknown> = { "with a trace": JSON.stringify(traced) };
  const wanted: Record<string, unknown> = { "with a trace": JSON.stringify(decision), is: expected.is };
  if (decision.code === "allowed" || decision.code === "approval_required") {
    const reserved = counters.reserve(decision.reserve, call.now);
    if (!reserved.ok) {
      decision = engine.rateLimitedDecision(reserved.failed, reserved.retryAfterS);
      found.retryAfterS = Number.isFinite(reserved.retryAfterS) ? reserved.retryAfterS : null;
    }
  }
  found.is = `${decision.code} ${decision.rule}`;
  found.message = decision.message;
  found.timeoutS = "timeoutS" in decision ? decision.timeoutS : undefined;
  found.hidden = engine.isHidden(policy, { name: call.tool, category: call.category });
  for (const field of ["message", "retryAfterS", "timeoutS", "hidden"] as const) {
    if (expected[field] !== undefined) wanted[field] = expected[field];
  }
  return Object.keys(wanted)
    .filter((field) => wanted[field] !== found[field])
    .map((field) => `${JSON.stringify(expected)}: ${field} is ${found[field]} and not ${wanted[field]}`);
}

/** Monday 2026-01-05, 12:00 UTC. */
const noon = Date.UTC(2026, 0, 5, 12);

function toolCall(expected: CaseCall): evaluation.ToolCall {
  const { at = 0 } = expected;
  return {
    tool: expected.tool,
    category: expected.category ?? "Execute",
    arguments: Object.hasOwn(expected, "args") ? expected.args : {},
    grant: { id: expected.grant ?? "grant", label: expected.label ?? "label" },
    client: expected.client === undefined ? {} : { name: expected.client },
    session: expected.session === null ? {} : { id: expected.session ?? "session" },
    server: { id: expected.server ?? "server" },
    organisation: { id: expected.organisation ?? "organisation" },
    now: typeof at === "number" ? noon + at * 1_000 : Date.parse(at),
  };
}
