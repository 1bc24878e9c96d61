import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { riskCategories } from "../catalog/schema.ts";
import { type Decision, evaluate, isHidden, rateLimitedDecision, type ToolCall } from "./evaluate.ts";
import { Counters } from "./limits.ts";
import { parsePolicy } from "./parse.ts";

// The decision cases: a document, calls one after another, and what each is answered. cases/README.md has the fields.

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
type Call = z.infer<typeof callSchema>;
const caseSchema = z.strictObject({
  it: z.string(),
  document: z.unknown().optional(),
  text: z.string().optional(),
  calls: z.array(callSchema).optional(),
  callsText: z.string().optional(),
});

const folder = new URL("./cases/", import.meta.url);
const noon = Date.UTC(2026, 0, 5, 12);

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const cases = z.array(caseSchema).parse(JSON.parse(readFileSync(new URL(file, folder), "utf8")));
  describe(`decision cases: ${file}`, () => {
    it.each(cases.map((one) => [one.it, one] as const))("%s", (_, { document, text, calls, callsText }) => {
      const policy = document === null ? null : policyOf(text ?? JSON.stringify(document));
      const counters = new Counters();
      // zod leaves `__proto__` out, so calls about it come as text.
      const all: Call[] = callsText === undefined ? (calls ?? []) : JSON.parse(callsText);
      expect(all.length).toBeGreaterThan(0);
      for (const call of all) {
        for (let nth = 0; nth < (call.times ?? 1); nth += 1) check(policy, counters, call);
      }
    });
  });
}

function check(policy: ReturnType<typeof policyOf> | null, counters: Counters, expected: Call): void {
  const call = toolCall(expected);
  const state = { frozen: expected.frozen ?? false, definitionChanged: expected.definitionChanged ?? false };
  let decision: Decision = evaluate(policy, call, state);
  expect(evaluate(policy, call, state, { trace: true }), "with a trace").toMatchObject(decision);
  let retryAfterS: number | null | undefined;
  if (decision.code === "allowed" || decision.code === "approval_required") {
    const reserved = counters.reserve(decision.reserve, call.now);
    if (!reserved.ok) {
      decision = rateLimitedDecision(reserved.failed, reserved.retryAfterS);
      retryAfterS = Number.isFinite(reserved.retryAfterS) ? reserved.retryAfterS : null;
    }
  }
  expect(`${decision.code} ${decision.rule}`, JSON.stringify(expected)).toBe(expected.is);
  if (expected.message !== undefined) expect(decision.message).toBe(expected.message);
  if (expected.retryAfterS !== undefined) expect(retryAfterS).toBe(expected.retryAfterS);
  if (expected.timeoutS !== undefined) expect(decision).toHaveProperty("timeoutS", expected.timeoutS);
  if (expected.hidden !== undefined) {
    expect(isHidden(policy, { name: call.tool, category: call.category })).toBe(expected.hidden);
  }
}

function toolCall(expected: Call): ToolCall {
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

function policyOf(text: string) {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}
