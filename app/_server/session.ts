// The session cookie: an encrypted token of next-auth, 8 hours from its last use.
import { encode, getToken, type JWT } from "next-auth/jwt";

export const sessionMaxAgeS = 8 * 60 * 60;
const renewAfterS = 15 * 60;

export type Session = {
  userId: string;
  /** Of the row (sessions.ts) without which the cookie is worth nothing. */
  id: string;
  /** A `Set-Cookie` that prolongs the session, when it is due. */
  renewal: string | null;
};

/** Who is signed in, by the cookie alone: whether the session still stands is for sessions.ts to say. Null also for a token that is expired or not ours. */
export async function readSession(headers: { get(name: string): string | null }): Promise<Session | null> {
  // Our own cookies only: given the headers, `getToken` would take an API key for a session token.
  const req = { cookies: parseCookies(headers.get("cookie") ?? ""), headers: {} };
  const token = await getToken({ req: req as Parameters<typeof getToken>[0]["req"], cookieName: cookieName() });
  if (!token?.sub || !isId(token.sid)) return null;
  return { userId: token.sub, id: token.sid, renewal: isDue(token) ? await renew(token) : null };
}

/** A token from before sessions had rows has none: whoever has it signs in again. */
export function isId(id: unknown): id is string {
  return typeof id === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}

/** Takes the cookie away from a browser whose session has ended. */
export function goneCookie(): string {
  return `${cookieName()}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${isSecure() ? "; Secure" : ""}`;
}

function isDue(token: JWT): boolean {
  return typeof token.iat === "number" && Date.now() / 1_000 - token.iat > renewAfterS;
}

async function renew({ iat: _iat, exp: _exp, jti: _jti, ...token }: JWT): Promise<string> {
  const value = await encode({ token, secret: process.env.NEXTAUTH_SECRET ?? "", maxAge: sessionMaxAgeS });
  const secure = isSecure() ? "; Secure" : "";
  return `${cookieName()}=${value}; Path=/; Max-Age=${sessionMaxAgeS}; HttpOnly; SameSite=Lax${secure}`;
}

/** As next-auth names it: the prefix makes browsers refuse the cookie over plain http. */
function cookieName(): string {
  return `${isSecure() ? "__Secure-" : ""}next-auth.session-token`;
}

function isSecure(): boolean {
  return process.env.NEXTAUTH_URL?.startsWith("https://") ?? false;
}

function parseCookies(header: string): Record<string, string> {
  const pairs = header.split(";").map((pair) => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const;
  });
  return Object.fromEntries(pairs.filter(([name]) => name.startsWith(cookieName())));
}
