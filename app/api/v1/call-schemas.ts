// The shapes of what the call log tells beyond its pages: one call's story, figures, exports, saved views, how long it is kept.
// Safe in the browser.
import * as z from "zod";
import { callFilters, callSchema, idSchema, policyProblemSchema } from "./schemas.ts";

const timestamp = z.iso.datetime({ offset: true });

/** One condition or step that was looked at; `rule` is a JSON Pointer into the document. */
const traceStepSchema = z.strictObject({
  step: z.string(),
  rule: z.string(),
  outcome: z.enum(["decides", "passes", "reserves"]),
  conditions: z
    .array(z.strictObject({ rule: z.string(), outcome: z.enum(["holds", "does_not_hold", "indeterminate"]) }))
    .optional(),
});

/** The same call decided again by the version that decided it, as far as the record says what came. */
export const retracedSchema = z.union([
  z.strictObject({
    known: z.literal(true),
    code: z.string(),
    rule: z.string(),
    message: z.string(),
    trace: z.array(traceStepSchema),
    /** What was not asked again, in sentences: counters, freezes and definitions as they were then. */
    notAsked: z.array(z.string()),
  }),
  z.strictObject({ known: z.literal(false), why: z.string() }),
]);
export type Retraced = z.infer<typeof retracedSchema>;

export const callStoryAnswer = z.strictObject({
  call: callSchema,
  server: z.strictObject({ id: idSchema, name: z.string() }).nullable(),
  grant: z.strictObject({ id: idSchema, label: z.string() }).nullable(),
  policy: z
    .strictObject({ id: idSchema, name: z.string(), activeVersion: z.int(), mode: z.enum(["enforce", "shadow"]) })
    .nullable(),
  /** The version that decided. */
  version: z
    .strictObject({
      version: z.int(),
      document: z.string(),
      note: z.string().nullable(),
      author: z.string().nullable(),
      publishedAt: timestamp,
    })
    .nullable(),
  /** What the version says, in sentences, of what decided. */
  sentences: z.array(z.strictObject({ pointer: z.string(), sentence: z.string() })),
  retraced: retracedSchema,
  approval: z
    .strictObject({
      id: idSchema,
      status: z.string(),
      createdAt: timestamp,
      expiresAt: timestamp,
      decidedAt: timestamp.nullable(),
      decidedBy: z.string().nullable(),
      reason: z.string().nullable(),
      scope: z.string(),
      edited: z.boolean(),
    })
    .nullable(),
  /** Other calls of the same approval, oldest first: the one that asked, and the one that was made. */
  related: z.array(z.strictObject({ id: idSchema, at: timestamp, code: z.string(), outcome: z.string() })),
});
export type CallStory = z.infer<typeof callStoryAnswer>;

/** The call as one line of what `policylayer test` reads. */
export const callTestAnswer = z.strictObject({
  /** Whether the arguments decide like the ones that came; if not, `missing` says what has to be filled in. */
  complete: z.boolean(),
  missing: z.array(z.string()),
  expectation: z.strictObject({
    name: z.string(),
    tool: z.string(),
    category: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    at: timestamp,
    grant: z.string(),
    client: z.string().optional(),
    session: z.string().optional(),
    expect: z.union([z.string(), z.strictObject({ code: z.string(), rule: z.string() })]),
  }),
  problems: z.array(policyProblemSchema).optional(),
});
export type CallTest = z.infer<typeof callTestAnswer>;

export const statsQuery = z.strictObject({
  serverId: idSchema.optional(),
  grantId: idSchema.optional(),
  /** 24 hours ago when left out. Times are rounded down to hours, for more than three days to days (UTC). */
  from: timestamp.optional(),
  /** Now when left out. */
  to: timestamp.optional(),
});
const counted = {
  calls: z.int(),
  /** Did not reach the server and nobody is asked. */
  refused: z.int(),
  /** Wait for a person, or did. */
  asked: z.int(),
  /** Made, and ended in an error of the tool, the server or the way there. */
  errors: z.int(),
};
const percentilesSchema = z.strictObject({
  calls: z.int(),
  /** Milliseconds, estimated from buckets: off by half as much again at most, up to 30 s. Null without a call. */
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
});
export const statsAnswer = z.strictObject({
  from: timestamp,
  to: timestamp,
  step: z.enum(["hour", "day"]),
  totals: z.strictObject({ ...counted, trials: z.int() }),
  /** Every step of the time, also those without a call. */
  over: z.array(z.strictObject({ at: timestamp, ...counted })),
  codes: z.array(z.strictObject({ code: z.string(), calls: z.int() })),
  /** What refused the most, at most ten. */
  rules: z.array(
    z.strictObject({
      policyId: idSchema.nullable(),
      policyName: z.string().nullable(),
      rule: z.string(),
      code: z.string(),
      calls: z.int(),
    }),
  ),
  /** What was called the most, at most ten. */
  tools: z.array(
    z.strictObject({ serverId: idSchema, serverName: z.string().nullable(), tool: z.string(), ...counted }),
  ),
  servers: z.array(
    z.strictObject({ serverId: idSchema, name: z.string().nullable(), ...counted, gateway: percentilesSchema }),
  ),
  /** Added by the gateway, and taken by the servers. Of the servers' calls, whatever grant is asked for. */
  latency: z.strictObject({
    gateway: percentilesSchema,
    upstream: percentilesSchema,
    /** How many calls took between `from` and `to` milliseconds. */
    buckets: z.array(
      z.strictObject({ from: z.number(), to: z.number().nullable(), gateway: z.int(), upstream: z.int() }),
    ),
  }),
});
export type CallStats = z.infer<typeof statsAnswer>;

export const exportQuery = callFilters.extend({ format: z.enum(["csv", "jsonl"]) });

export const viewBody = z.strictObject({
  name: z.string().trim().min(1).max(80),
  /** The query of the page's address: filters only. */
  query: z.string().max(2_000),
  /** Whether the whole organisation has it. */
  shared: z.boolean().default(false),
});
export const viewSchema = z.strictObject({
  id: idSchema,
  name: z.string(),
  query: z.string(),
  shared: z.boolean(),
  mine: z.boolean(),
  createdAt: timestamp,
});
export type ViewAnswer = z.infer<typeof viewSchema>;

/** A call is kept for at least as many days, and a week longer at most. */
export const retentionBody = z.strictObject({ callRetentionDays: z.int().min(1).max(730) });
export const retentionAnswer = z.strictObject({
  callRetentionDays: z.int(),
  /** The oldest call on record; null when there is none. */
  oldestAt: timestamp.nullable(),
});
export type RetentionAnswer = z.infer<typeof retentionAnswer>;
