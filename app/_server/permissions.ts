// Who may do what. The permission is declared beside each route; this table says which roles have it.

export type Role = "admin" | "policy_manager" | "viewer";

const viewer = [
  "account.read",
  "member.read",
  "server.read",
  "policy.read",
  "grant.read",
  "call.read",
  "view.save",
  "approval.read",
  "simulate",
] as const;

/** Writes policies and says which grant they apply to. Sees neither upstream credentials nor grant tokens. */
const policyManager = [...viewer, "policy.edit", "policy.publish", "grant.attach", "approval.decide"] as const;

const admin = [
  ...policyManager,
  "server.manage",
  "grant.manage",
  "freeze",
  "api-key.manage",
  "member.manage",
  "audit.read",
  "notification.manage",
  "retention.manage",
  "contact.manage",
  "catalog.manage",
] as const;

export type Permission = (typeof admin)[number];

const permissionsOf: Record<Role, ReadonlySet<Permission>> = {
  admin: new Set<Permission>(admin),
  policy_manager: new Set<Permission>(policyManager),
  viewer: new Set<Permission>(viewer),
};

export function isPermitted(role: Role, permission: Permission): boolean {
  return permissionsOf[role].has(permission);
}

/** The roles that have a permission, for the OpenAPI document. */
export function rolesWith(permission: Permission): Role[] {
  return (Object.keys(permissionsOf) as Role[]).filter((role) => isPermitted(role, permission));
}
