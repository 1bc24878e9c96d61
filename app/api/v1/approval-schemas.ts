// The shapes of approvals and of where they are announced. Safe in the browser.
import * as z from "zod";
import { riskCategories, severities } from "../../../catalog/risk.ts";

const timestamp = z.iso.datetime({ offset: true });
const id = z.uuid();

export const approvalStatuses = ["pending", "approved", "denied", "expired", "used", "cancelled"] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];

export const approvalsQuery = z.strictObject({
  /** `decided`: everything but `pending`. Without it all, newest first; `pending` comes in the order in which they were asked. */
  status: z.enum([...approvalStatuses, "decided"]).optional(),
  serverId: id.optional(),
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const approvalSchema = z.strictObject({
  id,
  /** `expired` also when its time is up and nobody has noted it yet. */
  status: z.enum(approvalStatuses),
  createdAt: timestamp,
  /** Until then it may be decided. */
  expiresAt: timestamp,
  serverId: id,
  serverName: z.string().nullable(),
  grantId: id,
  grantLabel: z.string().nullable(),
  sessionId: z.string().nullable(),
  clientName: z.string().nullable(),
  tool: z.string(),
  category: z.enum(riskCategories),
  severity: z.enum(severities),
  /** JSON Pointer into the policy, to what asked for a person; `message` are the owner's words there. */
  rule: z.string(),
  message: z.string(),
  policyId: id,
  policyVersion: z.int(),
  argumentKeys: z.array(z.string()),
  /** Until then a client waits on an open request. */
  heldUntil: timestamp.nullable(),
  /** How many calls asked for it. */
  attempts: z.int(),
  decidedAt: timestamp.nullable(),
  decidedBy: z.strictObject({ id, email: z.string() }).nullable(),
  reason: z.string().nullable(),
  scope: z.enum(["call", "session"]),
  sessionUntil: timestamp.nullable(),
  /** Until then what was approved may be used. */
  useBy: timestamp.nullable(),
  usedAt: timestamp.nullable(),
  /** Whether the approver put other arguments in the place of the caller's. */
  edited: z.boolean(),
  /** The call that it became. */
  callId: id.nullable(),
});
export type ApprovalAnswer = z.infer<typeof approvalSchema>;

const shownArguments = {
  /** Null for those who may not decide, and when they cannot be opened. What looks like a secret is hidden. */
  arguments: z.unknown(),
  /** The same as JSON text, digit for digit as the caller wrote it. */
  argumentsText: z.string().nullable(),
  /** JSON Pointers of the values of which something is hidden. */
  masked: z.array(z.string()),
};

export const approvalDetailSchema = approvalSchema.extend({
  ...shownArguments,
  /** The approver's arguments in their place, as JSON text; null when there are none. */
  editedText: z.string().nullable(),
  /** The tool as its owner accepted it (JSON text), when it still is what the call was made for. */
  definition: z.string().nullable(),
  definitionHash: z.string().nullable(),
  policyName: z.string().nullable(),
  /** The call of this tool that was approved last, before this one. */
  lastApproved: z.strictObject({ arguments: z.unknown(), argumentsText: z.string(), at: timestamp }).nullable(),
  /** What happens when it is approved now. */
  consequence: z.string(),
  /** Whether the one who asks may decide it. */
  mayDecide: z.boolean(),
});
export type ApprovalDetail = z.infer<typeof approvalDetailSchema>;

/** An object, or its JSON text, which keeps the digits of numbers. */
const editedArguments = z.union([z.string().max(1_048_576), z.record(z.string(), z.unknown())]);

export const decideBody = z
  .strictObject({
    decision: z.enum(["approve", "deny"]),
    /** The agent is told why. */
    reason: z.string().trim().max(1_000).optional(),
    /** Instead of the caller's. Where a mask still stands in its place, what it hides. */
    arguments: editedArguments.optional(),
    /** `session`: every call of this tool in this session, for `minutes`. */
    scope: z.enum(["call", "session"]).default("call"),
    minutes: z.int().min(1).max(480).optional(),
  })
  .refine(({ decision, arguments: edited }) => decision === "approve" || edited === undefined, {
    path: ["arguments"],
    message: "can be given only with `approve`",
  })
  .refine(({ decision, scope }) => decision === "approve" || scope === "call", {
    path: ["scope"],
    message: "can be given only with `approve`",
  })
  .refine(({ scope, arguments: edited }) => scope === "call" || edited === undefined, {
    path: ["arguments"],
    message: "cannot be given for a whole session",
  })
  .refine(({ scope, minutes }) => (scope === "session") === (minutes !== undefined), {
    path: ["minutes"],
    message: "is needed for a session, and for nothing else",
  });

export const previewBody = z.strictObject({ arguments: editedArguments });
export const previewAnswer = z.strictObject({
  /** By the version of the policy that the approval is bound to. */
  decision: z.looseObject({ code: z.string(), rule: z.string(), message: z.string() }),
  /** What the tool's input schema has against them. */
  problems: z.array(z.strictObject({ pointer: z.string(), message: z.string() })),
});
export type PreviewAnswer = z.infer<typeof previewAnswer>;

export const revealBody = z.strictObject({
  /** JSON Pointers of hidden values; without it, all of them. */
  pointers: z.array(z.string().max(2_000)).max(1_000).optional(),
});
export const revealAnswer = z.strictObject(shownArguments);
export type RevealAnswer = z.infer<typeof revealAnswer>;

// Notifications ---------------------------------------------------------------------------------------------------

export const notificationKinds = ["webhook", "slack", "email"] as const;
export const notificationEvents = ["approval.created", "approval.decided"] as const;
const events = z
  .array(z.enum(notificationEvents))
  .min(1, "name at least one event")
  .transform((names) => [...new Set(names)]);
const endpointUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).max(2_048);

export const endpointBody = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("webhook"), url: endpointUrl, events }),
  z.strictObject({ kind: z.literal("slack"), url: endpointUrl, events }),
  z.strictObject({
    kind: z.literal("email"),
    email: z.string().trim().toLowerCase().max(254).pipe(z.email("must be an e-mail address like ada@example.com")),
    events,
  }),
]);
export const endpointSchema = z.strictObject({
  id,
  kind: z.enum(notificationKinds),
  /** Where it goes, without what could be a credential: scheme and host of a URL, an e-mail address whole. */
  target: z.string(),
  events: z.array(z.enum(notificationEvents)),
  createdAt: timestamp,
});
export type EndpointAnswer = z.infer<typeof endpointSchema>;
/** `secret` is what deliveries are signed with. Shown once; null for e-mail. */
export const endpointCreated = endpointSchema.extend({ secret: z.string().nullable() });
export type EndpointCreated = z.infer<typeof endpointCreated>;
export const endpointsAnswer = z.strictObject({
  items: z.array(endpointSchema),
  nextCursor: z.string().nullable(),
  /** Whether this installation can send e-mail. */
  email: z.boolean(),
});
export type EndpointsAnswer = z.infer<typeof endpointsAnswer>;

export const deliveryStatuses = ["pending", "delivered", "dead"] as const;
export const deliveriesQuery = z.strictObject({
  status: z.enum(deliveryStatuses).optional(),
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const deliverySchema = z.strictObject({
  id,
  endpointId: id,
  kind: z.enum(notificationKinds),
  target: z.string(),
  event: z.enum([...notificationEvents, "test"]),
  approvalId: id.nullable(),
  status: z.enum(deliveryStatuses),
  attempts: z.int(),
  /** pending: when it is tried next. */
  nextAt: timestamp.nullable(),
  lastStatus: z.int().nullable(),
  lastTrouble: z.string().nullable(),
  createdAt: timestamp,
  endedAt: timestamp.nullable(),
});
export type DeliveryAnswer = z.infer<typeof deliverySchema>;
