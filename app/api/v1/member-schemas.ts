// The shapes of members, invites, one's own account and the audit log. Safe in the browser.
import * as z from "zod";
import { auditActions, auditTargetKinds } from "./audit-actions.ts";
import { emailSchema, idSchema, passwordSchema } from "./schemas.ts";

const timestamp = z.iso.datetime({ offset: true });
export const roleSchema = z.enum(["admin", "policy_manager", "viewer"]);

// Members ---------------------------------------------------------------------------------------------------------

export const memberSchema = z.strictObject({
  userId: idSchema,
  email: z.string(),
  name: z.string().nullable(),
  role: roleSchema,
  joinedAt: timestamp,
  /** When a browser of theirs was last seen. Null: none is signed in. */
  seenAt: timestamp.nullable(),
  /** How many browsers are signed in. */
  sessions: z.int(),
  /** Whether they are asked for a second factor when they sign in. */
  twoFactor: z.boolean(),
  /** Whether it is who asks. */
  you: z.boolean(),
});
export type MemberAnswer = z.infer<typeof memberSchema>;
export const memberPatchBody = z.strictObject({ role: roleSchema });
export const sessionsEnded = z.strictObject({ sessions: z.int() });
/** `url` is shown once. */
export const resetLinkAnswer = z.strictObject({ url: z.string(), expiresAt: timestamp });

export const inviteBody = z.strictObject({
  /** Only for an account with this address; left out: for whoever has the link. */
  email: emailSchema.optional(),
  role: roleSchema,
});
export const inviteSchema = z.strictObject({
  id: idSchema,
  email: z.string().nullable(),
  role: roleSchema,
  status: z.enum(["open", "accepted", "expired"]),
  /** E-mail addresses of who made it, and of who took it. */
  createdBy: z.string().nullable(),
  acceptedBy: z.string().nullable(),
  createdAt: timestamp,
  expiresAt: timestamp,
});
export type InviteAnswer = z.infer<typeof inviteSchema>;
/** `url` is shown once. `mailed`: whether it is on its way to the address as well. */
export const inviteCreated = inviteSchema.extend({ url: z.string(), mailed: z.boolean() });

const linkToken = z.string().min(1).max(200);
export const inviteAcceptBody = z.strictObject({ token: linkToken });
export const inviteSignupBody = z.strictObject({ token: linkToken, email: emailSchema, password: passwordSchema });
export const joinedAnswer = z.strictObject({
  organisation: z.strictObject({ id: idSchema, name: z.string() }),
  role: roleSchema,
});

// One's own account -----------------------------------------------------------------------------------------------

export const accountAnswer = z.strictObject({
  user: z.strictObject({ id: idSchema, email: z.string() }),
  /** False for somebody who signs in with GitHub or Google. */
  hasPassword: z.boolean(),
  twoFactor: z.strictObject({ on: z.boolean(), since: timestamp.nullable(), recoveryCodesLeft: z.int() }),
  organisations: z.array(z.strictObject({ id: idSchema, name: z.string(), role: roleSchema, current: z.boolean() })),
});
export type AccountAnswer = z.infer<typeof accountAnswer>;
export const organisationName = z.strictObject({ name: z.string().trim().min(1).max(100) });
export const organisationChoice = z.strictObject({ organisationId: idSchema });

export const sessionSchema = z.strictObject({
  id: idSchema,
  /** What the browser said of itself. */
  browser: z.string(),
  address: z.string(),
  createdAt: timestamp,
  seenAt: timestamp,
  /** Whether it is the one that asks. */
  current: z.boolean(),
});
export type SessionAnswer = z.infer<typeof sessionSchema>;

const givenPassword = z.string().max(200);
const givenCode = z.string().trim().min(1).max(40);
export const passwordBody = z.strictObject({ current: givenPassword, password: passwordSchema });
export const twoFactorBegin = z.strictObject({ password: givenPassword });
/** Shown while it is set up: the secret, and the same as an `otpauth://` address for a QR code. */
export const twoFactorBegun = z.strictObject({ secret: z.string(), uri: z.string() });
export const twoFactorConfirm = z.strictObject({ code: givenCode });
/** Shown once. Each of them works once in the place of a code. */
export const recoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()) });
export const twoFactorProof = z.strictObject({ password: givenPassword, code: givenCode });

export const resetAskBody = z.strictObject({ email: emailSchema });
export const resetBody = z.strictObject({ token: linkToken, password: passwordSchema });

// The audit log ---------------------------------------------------------------------------------------------------

export const auditQuery = z.strictObject({
  action: z.enum(Object.keys(auditActions) as [keyof typeof auditActions, ...(keyof typeof auditActions)[]]).optional(),
  targetKind: z.enum(auditTargetKinds).optional(),
  targetId: z.string().max(100).optional(),
  actorId: idSchema.optional(),
  from: timestamp.optional(),
  to: timestamp.optional(),
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const auditEventSchema = z.strictObject({
  id: idSchema,
  at: timestamp,
  actor: z.strictObject({
    kind: z.enum(["member", "api_key", "system"]),
    id: idSchema.nullable(),
    name: z.string(),
  }),
  action: z.string(),
  target: z.strictObject({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
  /** What differs. Null where there is no before, or no after. */
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  address: z.string().nullable(),
});
export type AuditEventAnswer = z.infer<typeof auditEventSchema>;
