// What the audit log speaks of: the words of each action, and what may be kept of each kind of target. Safe in the browser.

/** By code, which is what callers rely on; in words, what people read after the name of who did it. */
export const auditActions = {
  "organisation.created": "signed up and made the organisation",
  "organisation.changed": "changed the settings of the organisation",
  "brake.frozen": "froze",
  "brake.unfrozen": "released",
  "server.registered": "registered the server",
  "server.changed": "changed the server",
  "server.refreshed": "looked again at the server",
  "server.deleted": "deleted the server",
  "tool.category_set": "set the category of the tool",
  "definition.accepted": "accepted the definition of",
  "definition.rejected": "rejected the definition of",
  "policy.created": "made the policy",
  "policy.changed": "changed the policy",
  "policy.published": "published the policy",
  "policy.restored": "restored an older version of the policy",
  "policy.trial_started": "began to try a version of the policy",
  "policy.trial_stopped": "stopped trying a version of the policy",
  "policy.trial_promoted": "enforced the version that was tried of the policy",
  "policy.deleted": "deleted the policy",
  "grant.created": "made the grant",
  "grant.changed": "changed the grant",
  "grant.rotated": "gave a new token to the grant",
  "grant.revoked": "revoked the grant",
  "api_key.created": "made the API key",
  "api_key.deleted": "deleted the API key",
  "contact_message.deleted": "deleted a message of the contact form",
  "catalog_job.created": "began a job on the catalog",
  "catalog_job.cancelled": "cancelled a job on the catalog",
  "approval.approved": "approved the call of",
  "approval.denied": "denied the call of",
  "approval.revealed": "looked at the masked arguments of the call of",
  "call.values_read": "read the recorded arguments of a call of",
  "invite.created": "made an invite",
  "invite.revoked": "took back an invite",
  "invite.accepted": "joined by an invite",
  "member.role_changed": "changed the role of",
  "member.removed": "removed from the organisation",
  "member.sessions_ended": "signed out everywhere",
  "member.reset_link_made": "made a link that sets a new password for",
  "member.two_factor_removed": "took away the second factor of",
  "account.left": "left the organisation",
  "account.signed_in": "signed in",
  "account.sessions_ended": "ended sessions of their own",
  "account.password_changed": "changed their password",
  "account.password_reset": "set a new password by a link",
  "account.two_factor_on": "turned on a second factor",
  "account.two_factor_off": "turned off their second factor",
  "account.recovery_codes_made": "made new recovery codes",
  "account.recovery_code_used": "signed in with a recovery code",
} as const;

export type AuditAction = keyof typeof auditActions;

/**
 * What may be kept of a target, by its kind. Nothing else ever gets into the log, whatever a caller hands over: no hash, no
 * sealed text, no token. A new field is added here, by somebody who has thought about who reads the log.
 */
export const auditedFields = {
  organisation: ["name", "frozenAt", "reason", "callRetentionDays"],
  server: [
    "name",
    "transport",
    "url",
    "command",
    "args",
    "secretNames",
    "secretsChanged",
    "logArgumentValues",
    "onDefinitionChange",
    "methods",
    "frozenAt",
    "reason",
    "tools",
  ],
  tool: ["server", "category", "overrideCategory", "definitionHash"],
  definition: ["server", "kind", "definitionHash", "problem"],
  policy: ["server", "name", "mode", "activeVersion", "shadowVersion", "version", "restored", "documentHash", "note"],
  grant: ["server", "label", "policyId", "policy", "hint", "expiresAt", "revokedAt", "frozenAt", "reason"],
  api_key: ["name", "hint"],
  contact_message: ["at", "email"],
  catalog_job: ["kind", "target", "status"],
  approval: ["server", "tool", "decision", "reason", "scope", "minutes", "edited", "argumentsDigest", "pointers"],
  call: [],
  member: ["email", "role", "sessions", "expiresAt", "twoFactor"],
  invite: ["email", "role", "expiresAt"],
  account: ["sessions", "browser", "twoFactor", "by"],
} as const satisfies Record<string, readonly string[]>;

export type AuditTargetKind = keyof typeof auditedFields;
export const auditTargetKinds = Object.keys(auditedFields) as AuditTargetKind[];
