import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineOf } from "./journal-lines.ts";
import type { DecisionRecord, JournalRecord, OutcomeRecord } from "./journal-records.ts";

const written = (record: JournalRecord): unknown => {
  const line = lineOf(record);
  expect(line.indexOf("\n")).toBe(line.length - 1);
  return JSON.parse(line);
};

/** As JSON.stringify writes it, but for what Postgres cannot take. */
const expected = (record: JournalRecord): unknown =>
  JSON.parse(
    JSON.stringify(record, (_name, value: unknown) =>
      typeof value === "string" ? value.replace(/\0|\p{Surrogate}/gu, "\uFFFD") : value,
    ),
  );

// Required: a field that is new must be written too.
const whole: Required<DecisionRecord> = {
  ...{ kind: "decision", id: "id", at: 1, organisationId: "o", serverId: "s", grantId: "g", sessionId: "t" },
  ...{ method: "tools/call", tool: "tool", policyId: "p", policyVersion: 2, code: "allowed", rule: "/tools/a~1b" },
  ...{
    message: 'says "no"\\',
    wouldDeny: true,
    argumentKeys: ["a", "ü", "…"],
    sealedArguments: "k.abc",
    shadowVersion: 3,
  },
  ...{ shadowCode: "denied", shadowRule: "/default", clientName: "c", approvalId: "a", traceparent: "00-1-2-00" },
  reserve: [
    { key: '["grant","g"]', windowMs: 60_000, amount: 1 },
    { key: "k", windowMs: 0, calendarStart: 5, calendarEnd: 6.5, amount: 0.1 },
  ],
  gatewayMs: 1.25,
};
const outcome: Required<OutcomeRecord> = {
  ...{ kind: "outcome", id: "id", at: 2.5, outcome: "unknown", upstreamStatus: 200, upstreamMs: 3, gatewayMs: 1 },
  gaveBack: true,
};

describe("a line of the journal", () => {
  it("says all that a record says", () => {
    expect(written(whole)).toEqual(whole);
    expect(written(outcome)).toEqual(outcome);
  });

  it("says null of what is not known, and nothing of what is not there", () => {
    const nothing = {
      grantId: null,
      sessionId: null,
      tool: null,
      policyId: null,
      policyVersion: null,
      clientName: null,
    };
    const { sealedArguments: _a, shadowVersion: _b, shadowCode: _c, shadowRule: _d, ...rest } = whole;
    const { approvalId: _e, traceparent: _f, ...least } = rest;
    const record: DecisionRecord = { ...least, ...nothing, gatewayMs: null, reserve: [], argumentKeys: [] };
    expect(written(record)).toEqual(record);
    const unheard: OutcomeRecord = { ...outcome, upstreamStatus: null, upstreamMs: null, gatewayMs: Number.NaN };
    expect(written(unheard)).toEqual({ ...unheard, gatewayMs: null });
  });

  it("says null, and never a word that was not said, of what is missing against all promises", () => {
    const missing = { code: undefined, policyVersion: undefined, wouldDeny: undefined } as unknown as DecisionRecord;
    expect(written({ ...whole, ...missing })).toEqual({ ...whole, code: null, policyVersion: null, wouldDeny: null });
  });

  it("says any text, but for what Postgres cannot take", () => {
    const unit = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("\0", "\ud800", '"', "\\", "\u2028"),
    );
    fc.assert(
      fc.property(unit, unit, fc.array(unit), fc.double(), (tool, message, argumentKeys, at) => {
        const record: DecisionRecord = { ...whole, tool, message, argumentKeys, at, traceparent: `${message}${tool}` };
        expect(written(record)).toEqual(expected(record));
      }),
      { numRuns: 500 },
    );
  });

  it("says every number as it is", () => {
    const ms = fc.oneof(
      fc.integer({ min: 0, max: 5_000_000_000_000_000 }).map((micros) => micros / 1_000),
      fc.integer({ min: 0, max: 9_000_000 }).map((micros) => micros / 1_000),
      fc.constantFrom(
        0,
        -0,
        0.001,
        999.999,
        1_000,
        1e6,
        999_999.999,
        2 ** 31,
        2 ** 31 * 1_000,
        -1,
        -0.5,
        1e-9,
        1e21,
        2 ** 53,
      ),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(ms, ms, ms, (at, upstreamMs, amount) => {
        const record = { ...whole, at, gatewayMs: upstreamMs, reserve: [{ key: "k", windowMs: 1, amount }] };
        expect(written(record)).toEqual(JSON.parse(JSON.stringify(record)));
        expect(written({ ...outcome, at, upstreamMs })).toEqual(
          JSON.parse(JSON.stringify({ ...outcome, at, upstreamMs })),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it("says what its own record says, whatever was said of the same grant before", () => {
    const some = fc.constantFrom("a", "b", 'c"');
    const ids = fc.record({
      organisationId: some,
      serverId: some,
      grantId: fc.option(some),
      policyId: fc.option(some),
      policyVersion: fc.option(fc.constantFrom(1, 2)),
    });
    fc.assert(
      fc.property(fc.array(ids), (all) => {
        for (const one of all) {
          const record = { ...whole, ...one, reserve: [{ key: one.organisationId, windowMs: 1, amount: 1 }] };
          expect(written(record)).toEqual(record);
        }
      }),
      { numRuns: 300 },
    );
  });
});
