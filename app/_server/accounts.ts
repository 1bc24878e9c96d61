// Users and the organisations they begin with.
import type * as z from "zod";
import { database, Prisma } from "../../prisma/client.ts";
import { mintCredential } from "../../prisma/credentials.ts";
import type { meAnswer, signupAnswer, signupBody } from "../api/v1/schemas.ts";
import { addressOf, countAttempt, signUpLimits } from "./attempts.ts";
import { auditAs } from "./audit.ts";
import { settings } from "./environment.ts";
import type { Member } from "./member.ts";
import { refuseCommon } from "./own-password.ts";
import { hashPassword } from "./passwords.ts";
import { isPermitted } from "./permissions.ts";
import { type Refusal, refuse } from "./refusals.ts";

type SignUp = z.output<typeof signupBody>;
type SignedUp = z.input<typeof signupAnswer>;

/** Makes a user, an organisation with that user as its admin, and a first API key, which is shown this once. */
export async function signUp(
  { email, password, organisation }: SignUp,
  headers: { get(name: string): string | null },
): Promise<SignedUp | Refusal> {
  const common = refuseCommon(password, email);
  if (common) return common;
  const attempt = await countAttempt(signUpLimits(addressOf(headers)));
  if (!attempt.ok) return refuse("too_many_attempts", { headers: { "retry-after": String(attempt.retryAfterS) } });

  const passwordHash = await hashPassword(password);
  const apiKey = mintCredential("pla_");
  const created = await createAccount({ email, passwordHash, organisation, apiKey, address: addressOf(headers) });
  if (!created)
    return refuse("email_taken", { errors: [{ pointer: "/email", message: "has an account already; sign in" }] });
  return { ...created, apiKey: apiKey.token };
}

type NewAccount = {
  email: string;
  name?: string | null;
  /** Null for a user who signs in elsewhere. */
  passwordHash: string | null;
  organisation?: string;
  apiKey?: { hash: string; hint: string };
  address: string | null;
};

/** @returns Null when there is a user with this e-mail address. */
async function createAccount(account: NewAccount): Promise<Pick<SignedUp, "user" | "organisation"> | null> {
  const { email, name, passwordHash, apiKey } = account;
  const organisationName = account.organisation ?? email.split("@")[0] ?? email;
  try {
    return await database().$transaction(async (tx) => {
      const user = await tx.user.create({ data: { email, name, passwordHash } });
      const organisation = await tx.organisation.create({ data: { name: organisationName } });
      await tx.membership.create({ data: { userId: user.id, organisationId: organisation.id, role: "admin" } });
      if (apiKey) {
        const owner = { organisationId: organisation.id, userId: user.id };
        await tx.apiKey.create({ data: { ...owner, name: "First key", keyHash: apiKey.hash, hint: apiKey.hint } });
      }
      const actor = { kind: "member", id: user.id, name: email, address: account.address } as const;
      const target = { kind: "organisation", id: organisation.id, name: organisationName } as const;
      await auditAs(tx, organisation.id, actor, { action: "organisation.created", target, after: organisation });
      return { user: { id: user.id, email }, organisation: { id: organisation.id, name: organisationName } };
    });
  } catch (cause) {
    if (cause instanceof Prisma.PrismaClientKnownRequestError && cause.code === "P2002") return null;
    throw cause;
  }
}

/**
 * The user who signs in with GitHub or Google, made at the first time. The address must be one that the provider has
 * verified. `password_account` when the address has a password account: whoever made that one has not shown that the
 * address is theirs, so the two are never joined.
 */
export async function findOrCreateVerifiedUser(
  email: string,
  name: string | null,
): Promise<{ id: string } | "password_account"> {
  const known = () => database().user.findUnique({ where: { email } });
  let user = await known();
  if (!user) {
    await createAccount({ email, name, passwordHash: null, address: null });
    user = await known(); // also when another request made it first
  }
  if (!user) throw new Error("the user was made and is not there");
  return user.passwordHash === null ? { id: user.id } : "password_account";
}

export async function describeMember(member: Member): Promise<z.input<typeof meAnswer>> {
  return {
    user: { id: member.userId, email: member.email },
    organisation: member.organisation,
    role: member.role,
    organisations: await organisationsOf(member),
    mayStartCommands: await mayStartCommands(member),
    mayFillCatalog: await mayFillCatalog(member),
    mayReadContactMessages: await mayReadContactMessages(member),
    gatewayPublicUrl: settings().gatewayPublicUrl,
  };
}

/** Where somebody at a browser may go. A key is for one organisation and tells nothing of others. */
async function organisationsOf({ userId, via, organisation }: Member): Promise<{ id: string; name: string }[]> {
  if (via.kind === "api_key") return [{ id: organisation.id, name: organisation.name }];
  return database().organisation.findMany({
    where: { memberships: { some: { userId } } },
    select: { id: true, name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
}

/** What strangers write in the contact form is for those who run this installation. */
export async function mayReadContactMessages(member: Member): Promise<boolean> {
  return isPermitted(member.role, "contact.manage") && isFirstOrganisation(member.organisation.id);
}

/**
 * Registering a command runs a program on this machine. On one's own machine that is for the organisation that signed up
 * first, whose admin set the machine up; a hosted gateway starts nobody's programs unless its operator says so.
 */
export async function mayStartCommands(member: Member): Promise<boolean> {
  if (member.role !== "admin") return false;
  const { allowStdio, hosted } = settings();
  if (allowStdio || hosted) return allowStdio;
  return isFirstOrganisation(member.organisation.id);
}

/**
 * The catalog is one for the whole installation, and public: adding to it is for admins of the organisation that signed up
 * first, who run the installation, or for those of every organisation where these may even start programs.
 */
export async function mayFillCatalog(member: Member): Promise<boolean> {
  if (!isPermitted(member.role, "catalog.manage")) return false;
  return settings().allowStdio || (await isFirstOrganisation(member.organisation.id));
}

/** The organisation that signed up first: its admins set this installation up, so what concerns the whole of it is theirs. */
export async function isFirstOrganisation(organisationId: string): Promise<boolean> {
  const first = await database().organisation.findFirst({
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: { id: true },
  });
  return first?.id === organisationId;
}
