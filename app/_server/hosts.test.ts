import { describe, expect, it } from "vitest";
import { readSettings } from "../../settings.ts";
import { judgeSource } from "./hosts.ts";

const settings = readSettings({
  PORT: "3000",
  PUBLIC_URL: "https://policy.example.com",
  ALLOWED_HOSTS: "other.example",
});

function judge(method: string, pathname: string, headers: Record<string, string>) {
  return judgeSource(settings, { method, pathname, headers: new Headers({ host: "127.0.0.1:3000", ...headers }) });
}

const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

describe("a request to the web process", () => {
  it.each(["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "policy.example.com", "other.example:8443"])(
    "is answered at %s",
    (host) => expect(judge("GET", "/api/v1/me", { host })).toBeNull(),
  );

  it.each([
    "rebound.example.com",
    "rebound.example.com:3000",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "",
    "a@localhost",
  ])("is refused at the rebound name %j", (host) => expect(judge("GET", "/", { host })).toBe("foreign_host"));

  it("may come from our own pages under each of our names", () => {
    const own = { "sec-fetch-site": "same-origin" };
    expect(judge("POST", "/api/v1/signup", { ...own, origin: "http://127.0.0.1:3000" })).toBeNull();
    expect(
      judge("POST", "/api/v1/signup", { ...own, origin: "http://localhost:3000", host: "localhost:3000" }),
    ).toBeNull();
    const behindProxy = { ...own, origin: "https://policy.example.com", host: "policy.example.com" };
    expect(judge("POST", "/api/v1/signup", behindProxy)).toBeNull();
  });

  it.each(["https://evil.example", "null", "chrome-extension://abc", "file://", "http://rebound.example.com:3000"])(
    "is refused from origin %s, whatever else it says",
    (origin) => {
      expect(judge("POST", "/api/v1/signup", { origin })).toBe("foreign_origin");
      expect(judge("POST", "/api/v1/signup", { origin, "sec-fetch-site": "same-origin" })).toBe("foreign_origin");
      expect(judge("GET", "/servers", { origin, ...navigation })).toBe("foreign_origin");
    },
  );

  // Guards the promise that a page on another port of this machine can neither change nor read anything.
  it.each(["http://127.0.0.1:5555", "http://localhost:5555", "http://localhost:3000"])(
    "is refused from a page at %s, which the browser calls same-site or cross-site",
    (origin) => {
      for (const site of ["same-site", "cross-site"]) {
        expect(judge("POST", "/api/v1/signup", { origin, "sec-fetch-site": site })).toBe("foreign_origin");
        expect(judge("OPTIONS", "/api/v1/signup", { origin, "sec-fetch-site": site })).toBe("foreign_origin");
        expect(judge("GET", "/api/v1/servers", { "sec-fetch-site": site, "sec-fetch-mode": "no-cors" })).toBe(
          "foreign_origin",
        );
        expect(judge("GET", "/api/auth/session", { "sec-fetch-site": site, ...navigation })).toBe("foreign_origin");
      }
    },
  );

  it("may be a link that was followed to a page, or the way back from GitHub", () => {
    expect(judge("GET", "/servers", { "sec-fetch-site": "cross-site", ...navigation })).toBeNull();
    expect(judge("GET", "/api/auth/callback/github", { "sec-fetch-site": "cross-site", ...navigation })).toBeNull();
    expect(judge("GET", "/servers", { "sec-fetch-site": "none", ...navigation })).toBeNull();
  });

  it("is refused in a frame, as a script and as a form of another site", () => {
    const frame = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
    expect(judge("GET", "/signin", frame)).toBe("foreign_origin");
    expect(judge("GET", "/_next/static/x.js", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })).toBe(
      "foreign_origin",
    );
    expect(judge("POST", "/signin", { "sec-fetch-site": "cross-site", ...navigation })).toBe("foreign_origin");
  });

  it("may be a script's: no browser headers, or an origin of this machine", () => {
    expect(judge("POST", "/api/v1/signup", {})).toBeNull();
    expect(judge("POST", "/api/v1/signup", { origin: "http://localhost:9999" })).toBeNull();
    expect(judge("POST", "/api/v1/signup", { origin: "http://localhost:9999", cookie: "a=b" })).toBe("foreign_origin");
  });
});
