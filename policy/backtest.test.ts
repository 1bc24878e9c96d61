import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { backtest, changeOf, decidedCodes, longestWindowMs } from "./backtest.ts";
import type { Policy } from "./compile.ts";
import { evaluate, rateLimitedDecision, type ToolCall } from "./evaluate.ts";
import { generateCall, generateDocument, pick, type Random, randomOf, startTime } from "./generate.test-support.ts";
import { Counters } from "./limits.ts";
import { mentionedPaths } from "./mentioned.ts";
import { parsePolicy } from "./parse.ts";
import { rebuildArguments } from "./rebuild.ts";
import { argumentNames, mentionsOf, recordArguments } from "./recorded.ts";
import { type LoggedCall, Replay } from "./replay.ts";

vi.setConfig({ testTimeout: 120_000 });

const all = { since: Number.NEGATIVE_INFINITY, sharedScopes: new Set<never>() };

function policyOf(document: unknown): Policy {
  const parsed = parsePolicy(typeof document === "string" ? document : JSON.stringify(document));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

/** A call of the tool `t` a number of seconds after the start, which was allowed unless something else is said. */
function logged(seconds: number, more: Partial<LoggedCall> & { args?: unknown } = {}): LoggedCall {
  const { args = {}, ...rest } = more;
  return {
    id: `call-${seconds}`,
    at: startTime + 100 + seconds * 1_000,
    tool: "t",
    category: "Read",
    grant: { id: "g", label: "ci" },
    sessionId: null,
    clientName: null,
    serverId: "s",
    organisationId: "o",
    code: "allowed",
    rule: "/tools/t",
    wouldDeny: false,
    notSentAfterMs: null,
    argumentsFor: () => ({ known: true, arguments: args }),
    ...rest,
  };
}

const unrecorded = { argumentsFor: () => ({ known: false }) as const };
const rule = (one: object) => policyOf({ version: "1", default: "deny", tools: { t: one } });
const atMost = (max: number, more: object = {}) => rule({ limits: [{ counter: "c", window: "minute", max, ...more }] });
const small = rule({ require: [{ conditions: [{ path: "args.size", op: "lte", value: 5 }] }] });
const denied = { code: "denied", rule: "/tools/t/action" };

describe("a backtest", () => {
  it("counts what would be refused, allowed and asked about, with the calls and rules", () => {
    const draft = policyOf({
      version: "1",
      default: "deny",
      tools: { allowed: {}, asks: { action: "require_approval" }, refused: { action: "deny", reason: "No." } },
    });
    const calls = [
      logged(0, { tool: "allowed" }),
      logged(1, { tool: "allowed", ...denied }),
      logged(2, { tool: "refused" }),
      logged(3, { tool: "refused", code: "denied", rule: "/tools/refused/deny_if/0" }),
      logged(4, { tool: "refused", code: "rate_limited" }),
      logged(5, { tool: "refused", code: "approval_required" }),
      logged(6, { tool: "asks" }),
      logged(7, { tool: "asks", code: "approval_required" }),
      logged(8, { tool: "asks", ...denied }),
    ];
    const result = backtest(draft, calls);
    expect(result).toMatchObject({ calls: 9, decided: 9, unknown: 0, same: 3 });
    expect(result).toMatchObject({ newlyRefused: 2, newlyAllowed: 1, newlyAsked: 2, otherwiseDifferent: 1 });
    expect(result.changed.map(({ call }) => call.id)).toEqual([
      "call-1",
      "call-2",
      "call-4",
      "call-5",
      "call-6",
      "call-8",
    ]);
    expect(result.changed[1]).toMatchObject({
      was: { code: "allowed", rule: "/tools/t" },
      would: { code: "denied", rule: "/tools/refused/action", message: "No." },
    });
    expect(result.rules).toEqual([
      { rule: "/tools/refused/action", code: "denied", calls: 3 },
      { rule: "/tools/asks/action", code: "approval_required", calls: 2 },
      { rule: "/tools/allowed", code: "allowed", calls: 1 },
    ]);
  });

  it("takes a call that a policy in shadow mode would have denied for what it was: allowed", () => {
    const calls = [logged(0, { ...denied, wouldDeny: true })];
    expect(backtest(rule({}), calls)).toMatchObject({ same: 1 });
    const refused = backtest(rule({ action: "deny" }), calls);
    expect(refused.changed).toMatchObject([{ was: { code: "allowed" }, would: { code: "denied" } }]);
  });

  it("counts limits by the clock of the calls", () => {
    const calls = [0, 10, 20, 61, 75, 140].map((seconds) => logged(seconds));
    const { changed, newlyRefused, same } = backtest(atMost(2), calls);
    expect({ newlyRefused, same }).toEqual({ newlyRefused: 1, same: 5 });
    expect(changed).toMatchObject([
      { call: { id: "call-20" }, would: { code: "rate_limited", rule: "/tools/t/limits/0" } },
    ]);
  });

  it("fills the limits with what came before its time, and counts none of it", () => {
    const calls = [0, 10, 20].map((seconds) => logged(seconds));
    const from = startTime + 15_000;
    expect(backtest(atMost(2), calls, { from })).toMatchObject({ calls: 1, newlyRefused: 1 });
    expect(longestWindowMs(atMost(2))).toBe(60_000);
    expect(longestWindowMs(small)).toBe(0);
  });

  it("gives back what a call took that was never handed over", () => {
    const calls = [logged(0), logged(1, { notSentAfterMs: 500 }), logged(2), logged(3)];
    expect(backtest(atMost(2), calls)).toMatchObject({ unknown: 0, same: 3, newlyRefused: 1 });
  });

  it("knows the answer for a tool that its server never listed", () => {
    const calls = [logged(0, { category: null })];
    expect(backtest(rule({}), calls)).toMatchObject({ same: 1 });
    const other = policyOf({ version: "1", default: "allow" });
    expect(backtest(other, calls).changed).toMatchObject([{ would: { code: "unknown_tool" } }]);
  });

  it("lists the first 500 changes and counts them all", () => {
    const calls = Array.from({ length: 700 }, (_, nth) => logged(nth));
    const { changed, newlyRefused } = backtest(rule({ action: "deny" }), calls);
    expect([changed.length, newlyRefused, changed.at(-1)?.call.id]).toEqual([500, 700, "call-499"]);
  });
});

describe("what the record does not say", () => {
  it("is unknown when the document asks for it, and no matter when it does not", () => {
    const calls = [logged(0, { args: { size: 9 } }), logged(1, unrecorded)];
    expect(backtest(small, calls)).toMatchObject({ calls: 2, decided: 1, unknown: 1, newlyRefused: 1 });
    const label = rule({ require: [{ conditions: [{ path: "grant.label", op: "eq", value: "ci" }] }] });
    const nameless = [logged(0), logged(1, { grant: { id: "g", label: null } })];
    expect(backtest(label, nameless)).toMatchObject({ unknown: 1, same: 1 });
    expect(backtest(rule({}), nameless)).toMatchObject({ unknown: 0, same: 2 });
  });

  it("makes later calls unknown as long as they might have found the limit full", () => {
    const guarded = rule({
      require: [{ conditions: [{ path: "args.size", op: "lte", value: 5 }] }],
      limits: [{ counter: "c", window: "minute", max: 2 }],
    });
    const fine = { args: { size: 1 } };
    const calls = [
      logged(0, unrecorded),
      logged(1, fine), // the first or second of two
      logged(2, fine), // the second or third
      logged(3, fine), // the third at least, if 2 was taken: unknown
      logged(64, fine), // all of them are gone
      logged(130, fine),
    ];
    const unknown = backtest(guarded, calls);
    expect(unknown).toMatchObject({ calls: 6, unknown: 3, same: 3 });
    // Another grant's calls count elsewhere.
    const others = calls.map((call, nth) => (nth === 0 ? { ...call, grant: { id: "other", label: "ci" } } : call));
    expect(backtest(guarded, others)).toMatchObject({ unknown: 1, newlyRefused: 1, same: 4 });
  });

  it("spoils a limit whose amount or key was not recorded, for its window and its owner", () => {
    const spend = atMost(10, { increment_from: "args.price" });
    const two = { args: { price: 2 } };
    const calls = [logged(0, unrecorded), logged(1, two), logged(30, two), logged(70, two)];
    expect(backtest(spend, calls)).toMatchObject({ unknown: 3, same: 1 });
    const dear = logged(2, { args: { price: 11 } });
    expect(backtest(spend, [logged(0, unrecorded), dear])).toMatchObject({ unknown: 1, newlyRefused: 1 });
    const keyed = atMost(1, { key: "args.account" });
    expect(backtest(keyed, [logged(0, unrecorded), logged(1, { args: { account: "a" } })])).toMatchObject({
      unknown: 2,
    });
  });

  it("may be what was counted before the record begins, or by calls that are not in it", () => {
    const calls = [logged(0), logged(61)];
    expect(backtest(atMost(1), calls, { since: startTime })).toMatchObject({ unknown: 1, same: 1 });
    const shared = atMost(1, { scope: "organisation" });
    const sharedScopes = new Set(["organisation"] as const);
    expect(backtest(shared, calls, { sharedScopes })).toMatchObject({ unknown: 2 });
    expect(backtest(atMost(1), calls, { sharedScopes })).toMatchObject({ unknown: 0 });
    expect(backtest(atMost(0, { scope: "organisation" }), calls, { sharedScopes })).toMatchObject({ newlyRefused: 2 });
  });
});

describe("a change", () => {
  it("is named for what the document would answer", () => {
    expect(changeOf("allowed", "allowed")).toBe("same");
    expect(changeOf("approval_expired", "approval_required")).toBe("same");
    expect(changeOf("denied", "denied")).toBe("same");
    expect(changeOf("denied", "hidden")).toBe("otherwiseDifferent");
    expect(changeOf("approval_denied", "hidden")).toBe("newlyRefused");
    expect(changeOf("allowed", "approval_required")).toBe("newlyAsked");
    expect(changeOf("rate_limited", "allowed")).toBe("newlyAllowed");
  });
});

type Sent = { call: ToolCall; notSentAfterMs: number | null };
type Happened = { code: string; rule: string };

/** What a gateway answers, with all there is to know. */
function truth(policy: Policy, sent: readonly Sent[]): Happened[] {
  const counters = new Counters();
  const due: { from: number; give: () => void }[] = [];
  return sent.map(({ call, notSentAfterMs }) => {
    const { now } = call;
    for (const one of due.splice(0)) {
      if (one.from <= now) one.give();
      else due.push(one);
    }
    const decision = evaluate(policy, call, { frozen: false, definitionChanged: false });
    if (decision.code !== "allowed") return decision;
    const reserved = counters.reserve(decision.reserve, now);
    if (!reserved.ok) return rateLimitedDecision(reserved.failed, reserved.retryAfterS);
    if (notSentAfterMs !== null) {
      due.push({ from: now + notSentAfterMs, give: () => counters.giveBack(decision.reserve, now) });
    }
    return decision;
  });
}

function traffic(random: Random, count: number): Sent[] {
  // Mostly in bursts, some of them within a millisecond.
  let now = startTime;
  return Array.from({ length: count }, () => {
    now += pick(random, [0, 0, 1, 3, 1_000, 9_999, 20_000, 59_999, 60_000, 60_001, 600_000]);
    return { call: generateCall(random, now), notSentAfterMs: random() < 0.1 ? pick(random, [1, 40, 5_000]) : null };
  });
}

/** As the log has the calls. */
function record(sent: readonly Sent[], happened: readonly Happened[], paths: readonly string[]): LoggedCall[] {
  const mentions = mentionsOf(paths);
  return sent.map(({ call, notSentAfterMs }, nth): LoggedCall => {
    const { code = "", rule = "" } = happened[nth] ?? {};
    const kept = mentions && recordArguments(call.arguments, mentions);
    const text = kept ?? "null";
    return {
      id: String(nth),
      at: call.now,
      tool: call.tool,
      category: call.category,
      grant: call.grant,
      sessionId: call.session.id ?? null,
      clientName: call.client.name ?? null,
      serverId: call.server.id,
      organisationId: call.organisation.id,
      code,
      rule,
      wouldDeny: false,
      notSentAfterMs: code === "allowed" ? notSentAfterMs : null,
      argumentsFor: (needs) => rebuildArguments(JSON.parse(text), argumentNames(call.arguments), needs),
    };
  });
}

describe("any backtest", () => {
  it("changes nothing when the document is the one that decided the calls", () => {
    let decided = 0;
    let calls = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_294_967_295 }), (seed) => {
        const random = randomOf(seed);
        const document = generateDocument(random);
        const policy = policyOf(document);
        const sent = traffic(random, 40);
        const log = record(sent, truth(policy, sent), mentionedPaths([document]));
        const result = backtest(policy, log);
        expect(result.changed.map(({ call, would }) => [call.id, call.code, would])).toEqual([]);
        calls += result.calls;
        decided += result.decided;
      }),
      { numRuns: 500 },
    );
    expect(calls).toBe(20_000);
    // Values that are not kept, and calls that were given back later, are what is left.
    expect(decided).toBeGreaterThan(0.8 * calls);
  });

  it("answers for another document as the gateway would have, or not at all", () => {
    let decided = 0;
    let changed = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_294_967_295 }), (seed) => {
        const random = randomOf(seed);
        const documents = [generateDocument(random), generateDocument(random)];
        const [enforced, draft] = documents.map(policyOf);
        if (!enforced || !draft) throw new Error("two documents");
        const sent = traffic(random, 40);
        const happened = truth(enforced, sent);
        // What was refused then would have been handed over.
        const would = truth(
          draft,
          sent.map((one, nth) => (happened[nth]?.code === "allowed" ? one : { ...one, notSentAfterMs: null })),
        );
        const paths = mentionedPaths(random() < 0.5 ? documents : documents.slice(0, 1));
        const replay = new Replay(draft, all);
        const log = record(sent, happened, random() < 0.1 ? [] : paths).filter(({ code }) => decidedCodes.has(code));
        for (const call of log) {
          const answer = replay.next(call);
          if (answer === null) continue;
          const expected = would[Number(call.id)]?.code;
          expect(answer.code, `seed ${seed}, call ${call.id}`).toBe(expected);
          decided += 1;
          if (expected !== call.code) changed += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(decided).toBeGreaterThan(8_000);
    expect(changed).toBeGreaterThan(1_000);
  });
});
