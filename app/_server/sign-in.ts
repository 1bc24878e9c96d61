// How people sign in to the dashboard: next-auth 4 with a password, and with GitHub and Google where they are set up.
import type { NextAuthOptions, Profile } from "next-auth";
import type { JWT } from "next-auth/jwt";
import Credentials from "next-auth/providers/credentials";
import GitHub from "next-auth/providers/github";
import Google from "next-auth/providers/google";
import { database } from "../../prisma/client.ts";
import { emailSchema } from "../api/v1/schemas.ts";
import { findOrCreateVerifiedUser } from "./accounts.ts";
import { addressOf, countAttempt, forgetAttempts, signInLimits, sourceOf } from "./attempts.ts";
import { settings } from "./environment.ts";
import { judgeSource } from "./hosts.ts";
import { verifyPassword } from "./passwords.ts";
import { report } from "./report.ts";
import { checkSecondFactor } from "./second-factor.ts";
import { sessionMaxAgeS } from "./session.ts";
import { endSession, isLive, startSession } from "./sessions.ts";

type Headers = { get(name: string): string | null };

/**
 * The page's `error` parameter: `CredentialsSignin` (wrong), `rate_limited`, `OAuthAccountNotLinked` (the address has a
 * password account), `EmailNotVerified`, and next-auth's own.
 */
export function signInOptions(headers: Headers): NextAuthOptions {
  return {
    session: { strategy: "jwt", maxAge: sessionMaxAgeS },
    // Without this the token itself would live 30 days, whatever the cookie says.
    jwt: { maxAge: sessionMaxAgeS },
    pages: { signIn: "/signin", error: "/signin" },
    providers: [
      Credentials({
        credentials: { email: {}, password: {}, code: {} },
        authorize: async (given) => checkPassword(given?.email, given?.password, headers, given?.code),
      }),
      ...otherProviders(),
    ],
    callbacks: {
      signIn: async ({ account, profile }) => (account?.type === "oauth" ? whyNotThisAccount(profile) : true),
      jwt: async ({ token, account }) => {
        // Asked without an account whenever the token is read: next-auth takes the cookie away when this fails.
        if (!account && !(await isLive(token.sid, token.sub))) throw new Error("the session has ended");
        if (!account) return token;
        const userId = account.type === "oauth" ? await userOfProvider(token) : (token.sub ?? "");
        return { sub: userId, email: token.email, sid: await startSession(userId, headers) };
      },
      // The dashboard may be open under several names (localhost, 127.0.0.1): stay with the one in use.
      redirect: async ({ url, baseUrl }) => ownUrl(url, headers) ?? baseUrl,
    },
    events: { signOut: async ({ token }) => endSession(token?.sid) },
    logger: {
      // A session that has ended is nothing to write down.
      error: (code, detail) =>
        code === "JWT_SESSION_ERROR" || report(`next-auth ${code}`, detail instanceof Error ? detail : detail.error),
      warn: () => {},
    },
  };
}

async function userOfProvider(token: JWT): Promise<string> {
  const user = await findOrCreateVerifiedUser(emailSchema.parse(token.email), token.name ?? null);
  if (user === "password_account") throw new Error("OAuthAccountNotLinked");
  return user.id;
}

/**
 * The user, when the password is right, and the code where there is a second factor.
 *
 * @throws Error `rate_limited` after too many wrong ones, `second_factor_needed` and `second_factor_wrong` after the right
 *   password: next-auth hands the message to the page.
 */
export async function checkPassword(
  givenEmail: unknown,
  givenPassword: unknown,
  headers: Headers,
  givenCode?: unknown,
) {
  const email = emailSchema.safeParse(givenEmail);
  if (!email.success || typeof givenPassword !== "string" || givenPassword.length > 200) return null;

  const attempt = await countAttempt(signInLimits(email.data, addressOf(headers)));
  if (!attempt.ok) throw new Error("rate_limited");
  const user = await database().user.findUnique({ where: { email: email.data } });
  if (!(await verifyPassword(user?.passwordHash, givenPassword)) || !user) return null;
  await attempt.forget();
  await forgetAttempts(`login:${email.data}`);
  if (user.totpSince) {
    if (typeof givenCode !== "string" || givenCode.trim() === "") throw new Error("second_factor_needed");
    const judged = await checkSecondFactor(user.id, givenCode, sourceOf(headers));
    if (judged !== "right") throw new Error(judged === "wrong" ? "second_factor_wrong" : "rate_limited");
  }
  return { id: user.id, email: user.email, name: user.name };
}

function otherProviders(): NextAuthOptions["providers"] {
  const { GITHUB_ID, GITHUB_SECRET, GOOGLE_ID, GOOGLE_SECRET } = process.env;
  return [
    ...(GITHUB_ID && GITHUB_SECRET
      ? [GitHub({ clientId: GITHUB_ID, clientSecret: GITHUB_SECRET, userinfo: { request: readGitHubProfile } })]
      : []),
    ...(GOOGLE_ID && GOOGLE_SECRET ? [Google({ clientId: GOOGLE_ID, clientSecret: GOOGLE_SECRET })] : []),
  ];
}

type UserinfoContext = {
  client: { userinfo(token: string): Promise<Profile> };
  tokens: { access_token?: string };
};

/** next-auth's own reader takes the address of the profile without asking whether GitHub has verified it. */
async function readGitHubProfile({ client, tokens }: UserinfoContext): Promise<Profile> {
  const accessToken = tokens.access_token ?? "";
  const profile = await client.userinfo(accessToken);
  const response = await fetch("https://api.github.com/user/emails", {
    headers: { authorization: `Bearer ${accessToken}`, accept: "application/vnd.github+json" },
  });
  const emails = response.ok
    ? ((await response.json()) as { email: string; primary: boolean; verified: boolean }[])
    : [];
  const verified = emails.find((candidate) => candidate.primary && candidate.verified);
  return { ...profile, email: verified?.email, email_verified: verified !== undefined } as Profile;
}

/** @returns `true`, or the page that says why this account cannot be used. */
async function whyNotThisAccount(
  profile: (Profile & { email_verified?: unknown }) | undefined,
): Promise<true | string> {
  const email = emailSchema.safeParse(profile?.email);
  if (!email.success || profile?.email_verified !== true) return "/signin?error=EmailNotVerified";
  const user = await findOrCreateVerifiedUser(email.data, profile.name ?? null);
  return user === "password_account" ? "/signin?error=OAuthAccountNotLinked" : true;
}

/** The URL, when it is on the dashboard: relative, or under a name and port that this request or the settings name. */
function ownUrl(url: string, headers: Headers): string | null {
  const publicUrl = new URL(settings().publicUrl);
  const host = headers.get("host") ?? publicUrl.host;
  const base = host === publicUrl.host ? publicUrl.origin : `http://${host}`;
  if (!URL.canParse(url, base)) return null;
  const target = new URL(url, base);
  return target.origin === base || target.origin === publicUrl.origin ? target.href : null;
}

/** Whether next-auth may see this request at all. */
export function mayReachSignIn(request: Request): boolean {
  const { pathname } = new URL(request.url);
  return judgeSource(settings(), { method: request.method, pathname, headers: request.headers }) === null;
}
