import { encode } from "next-auth/jwt";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readSession } from "./session.ts";

const sid = "01a20701-fd3a-72f2-a37e-33743e90c5b5";
const secret = "a secret for tests";
const cookie = (value: string, name = "next-auth.session-token") =>
  new Headers({ cookie: `theme=dark; ${name}=${value}; x=y` });

beforeEach(() => {
  vi.stubEnv("NEXTAUTH_SECRET", secret);
  vi.stubEnv("NEXTAUTH_URL", "http://127.0.0.1:3000");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

describe("the session cookie", () => {
  it("says who is signed in", async () => {
    const token = await encode({ token: { sub: "ada", sid }, secret, maxAge: 60 });
    expect(await readSession(cookie(token))).toEqual({ userId: "ada", id: sid, renewal: null });
  });

  it("is worth nothing when it is not ours, expired, or sent as a bearer token", async () => {
    expect(await readSession(new Headers())).toBeNull();
    expect(await readSession(cookie("nonsense"))).toBeNull();
    expect(await readSession(cookie(await encode({ token: { sub: "ada", sid }, secret: "another" })))).toBeNull();
    expect(await readSession(cookie(await encode({ token: { sub: "ada", sid }, secret, maxAge: -60 })))).toBeNull();
    const token = await encode({ token: { sub: "ada", sid }, secret });
    expect(await readSession(new Headers({ authorization: `Bearer ${token}` }))).toBeNull();
    expect(await readSession(cookie(await encode({ token: { sub: "ada", sid }, secret, salt: "state" })))).toBeNull();
    for (const strange of [undefined, "", "1", { startsWith: "" }, `${sid}'`]) {
      expect(await readSession(cookie(await encode({ token: { sub: "ada", sid: strange }, secret })))).toBeNull();
    }
  });

  it("is prolonged while it is used, to eight hours from now", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const token = await encode({ token: { sub: "ada", sid, email: "ada@example.com" }, secret, maxAge: 8 * 3_600 });
    vi.setSystemTime(Date.now() + 7 * 3_600_000);
    const renewal = (await readSession(cookie(token)))?.renewal ?? "";
    expect(renewal).toMatch(/^next-auth\.session-token=[\w.-]+; Path=\/; Max-Age=28800; HttpOnly; SameSite=Lax$/);
    vi.setSystemTime(Date.now() + 7 * 3_600_000);
    expect(await readSession(cookie(token))).toBeNull();
    expect((await readSession(cookie(/=([\w.-]+);/.exec(renewal)?.[1] ?? "")))?.userId).toBe("ada");
  });

  it("is for https only where the dashboard is", async () => {
    vi.stubEnv("NEXTAUTH_URL", "https://policy.example.com");
    const token = await encode({ token: { sub: "ada", sid }, secret });
    expect(await readSession(cookie(token))).toBeNull();
    expect((await readSession(cookie(token, "__Secure-next-auth.session-token")))?.userId).toBe("ada");
  });
});
