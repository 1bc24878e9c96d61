import { describe, expect, it } from "vitest";
import { evaluate, rateLimitedDecision } from "./evaluate.ts";
import { generateCall, generateDocument, pick, randomOf, startTime } from "./generate.test-support.ts";
import { Counters } from "./limits.ts";
import { decideNaively, type NaiveLog } from "./naive-evaluator.test-support.ts";
import { parsePolicy } from "./parse.ts";

const pairsWanted = 100_000;
const callsOfDocument = 40;
const state = { frozen: false, definitionChanged: false };

describe("the evaluator", () => {
  it("decides 100,000 calls as a second one does that shares no code with it", { timeout: 180_000 }, () => {
    // A new seed each time, so that every run looks elsewhere; `NAIVE_SEED` repeats one.
    const seed = Number(process.env.NAIVE_SEED ?? Date.now() % 4_294_967_296);
    const random = randomOf(seed);
    const codes = new Map<string, number>();
    let pairs = 0;
    let differences = 0;
    let firstDifference = "";
    for (; pairs < pairsWanted; ) {
      const document = generateDocument(random);
      const text = JSON.stringify(document);
      const parsed = parsePolicy(text);
      if (!parsed.ok) throw new Error(`seed ${seed}: ${JSON.stringify([parsed.problems, document])}`);
      const counters = new Counters();
      const log: NaiveLog = [];
      let now = startTime;
      for (let nth = 0; nth < callsOfDocument; nth += 1) {
        now += pick(random, [0, 1, 500, 1_000, 7_000, 29_999, 30_000]);
        const call = generateCall(random, now);
        let decision = evaluate(parsed.policy, call, state);
        if ("reserve" in decision) {
          const reserved = counters.reserve(decision.reserve, now);
          if (!reserved.ok) decision = rateLimitedDecision(reserved.failed, reserved.retryAfterS);
        }
        const naive = decideNaively(document, call, log);
        const same =
          decision.code === naive.code &&
          decision.rule === naive.rule &&
          (naive.text === undefined || decision.message === naive.text) &&
          (!("timeoutS" in decision) || decision.timeoutS === naive.timeoutS);
        if (!same) {
          differences += 1;
          firstDifference ||= JSON.stringify({ text, call, nth, decision, naive }, (_, value) =>
            Number.isNaN(value) ? "NaN" : value,
          );
        }
        codes.set(decision.code, (codes.get(decision.code) ?? 0) + 1);
        pairs += 1;
      }
    }
    const counted = [...codes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
    console.info(`seed ${seed}: ${pairs} pairs, ${differences} differences; ${counted.join(", ")}`);
    expect(differences, `seed ${seed}: ${firstDifference}`).toBe(0);
    // A comparison of nothing but refusals would prove little.
    const enough = [
      "allowed",
      "denied",
      "requirement_failed",
      "rate_limited",
      "approval_required",
      "default_deny",
      "hidden",
    ];
    for (const code of enough) expect(codes.get(code) ?? 0, code).toBeGreaterThan(500);
    for (const code of ["ambiguous_argument", "invalid_increment"])
      expect(codes.get(code) ?? 0, code).toBeGreaterThan(50);
  });
});
