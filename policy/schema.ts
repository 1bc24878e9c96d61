import * as z from "zod";

// The document as its author writes it: strict, because an unknown key may be a rule we cannot read. What a schema
// cannot say (regexes, paths, duplicate counters…) is in check.ts.

/** Limits of a document. Bytes are UTF-8; the root object is nesting 1. */
export const documentBytesMax = 256 * 1024;
export const nestingMax = 16;
export const toolsMax = 2_000;
export const conditionsMax = 64;

export const actions = ["allow", "deny", "hide", "require_approval"] as const;
export const operators = [
  "eq",
  "neq",
  "lt",
  "lte",
  "gt",
  "gte",
  "in",
  "not_in",
  "contains",
  "regex",
  "exists",
] as const;
export type Operator = (typeof operators)[number];
export const windowNames = ["minute", "hour", "day", "month"] as const;
export type WindowName = (typeof windowNames)[number];
export const scopes = ["grant", "session", "server", "organisation"] as const;
export type Scope = (typeof scopes)[number];

export const conditionSchema = z.strictObject({
  path: z.string(),
  op: z.enum(operators),
  /** Any JSON value; check.ts says whether it fits `op`. */
  value: z.unknown(),
});
export type Condition = z.infer<typeof conditionSchema>;

/** A group of `require` and `deny_if`. */
export const groupSchema = z.strictObject({
  conditions: z.array(conditionSchema).max(conditionsMax),
  on_deny: z.string().optional(),
});
export type Group = z.infer<typeof groupSchema>;

/** A group of `approve_if`. `timeout` in seconds. */
export const approvalGroupSchema = z.strictObject({
  conditions: z.array(conditionSchema).max(conditionsMax),
  message: z.string().optional(),
  timeout: z.int().min(1).optional(),
});
export type ApprovalGroup = z.infer<typeof approvalGroupSchema>;

/** A window by name, or a whole number of seconds. */
export const windowSchema = z.union([z.enum(windowNames), z.int().min(1)]);

const quota = z.number().min(0);

export const limitSchema = z.strictObject({
  counter: z.string().min(1),
  window: windowSchema,
  max: quota,
  scope: z.enum(scopes).optional(),
  increment: quota.optional(),
  increment_from: z.string().optional(),
  key: z.string().optional(),
  reset: z.enum(["sliding", "calendar"]).optional(),
  on_deny: z.string().optional(),
});
export type Limit = z.infer<typeof limitSchema>;

export const rateLimitSchema = z.strictObject({ max: quota, window: windowSchema });
export type RateLimit = z.infer<typeof rateLimitSchema>;

export const toolRuleSchema = z.strictObject({
  action: z.enum(actions).optional(),
  reason: z.string().optional(),
  require: z.array(groupSchema).optional(),
  deny_if: z.array(groupSchema).optional(),
  approve_if: z.array(approvalGroupSchema).optional(),
  limits: z.array(limitSchema).optional(),
  rate_limit: rateLimitSchema.optional(),
});
export type ToolRule = z.infer<typeof toolRuleSchema>;

export const policyDocumentSchema = z.strictObject({
  version: z.literal("1"),
  description: z.string().optional(),
  /** IANA name; what `time.hour` and `time.weekday` are read in. UTC when absent. */
  timezone: z.string().optional(),
  default: z.enum(["allow", "deny", "hide"]),
  hide: z.array(z.string().min(1)).optional(),
  all_tools: toolRuleSchema.optional(),
  // One optional field a category, so that an unknown one is an unknown field with a nearest name.
  categories: z
    .strictObject({
      Read: toolRuleSchema.optional(),
      Write: toolRuleSchema.optional(),
      Execute: toolRuleSchema.optional(),
      Destructive: toolRuleSchema.optional(),
      Financial: toolRuleSchema.optional(),
      Other: toolRuleSchema.optional(),
    })
    .optional(),
  tools: z.record(z.string().min(1), toolRuleSchema).optional(),
});
export type PolicyDocument = z.infer<typeof policyDocumentSchema>;
