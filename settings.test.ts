import { describe, expect, it } from "vitest";
import { isAllowedHost, isAllowedOrigin, readSettings } from "./settings.ts";

describe("the settings", () => {
  it("take a user for commands that is not root, and a time that can be waited for", () => {
    expect(readSettings({})).toMatchObject({ stdioUser: null, stdioStartMs: 30_000 });
    expect(readSettings({ STDIO_USER: "65534:65533" }).stdioUser).toEqual({ uid: 65_534, gid: 65_533 });
    for (const STDIO_USER of ["0:0", "1000:0", "nobody", "1000", "-1:5", "1000:1000:1"]) {
      expect(() => readSettings({ STDIO_USER }), STDIO_USER).toThrow("STDIO_USER");
    }
    for (const STDIO_START_SECONDS of ["0", "soon", "3601"]) {
      expect(() => readSettings({ STDIO_START_SECONDS }), STDIO_START_SECONDS).toThrow("STDIO_START_SECONDS");
    }
  });

  it("take a mail server, and do not repeat its password", () => {
    expect(readSettings({})).toMatchObject({ smtpUrl: null, smtpFrom: "PolicyLayer <policylayer@127.0.0.1>" });
    const SMTP_URL = "smtps://ada:secret@mail.example.com:465";
    expect(readSettings({ SMTP_URL, SMTP_FROM: "ops@example.com" })).toMatchObject({
      smtpUrl: SMTP_URL,
      smtpFrom: "ops@example.com",
    });
    for (const wrong of ["mail.example.com", "http://ada:secret@mail.example.com", "smtp://"]) {
      expect(() => readSettings({ SMTP_URL: wrong }), wrong).toThrow(/^(?!.*secret).*SMTP_URL/);
    }
  });

  it("have the ports and addresses the documents promise when nothing is set", () => {
    const settings = readSettings({});
    expect(settings).toMatchObject({
      webPort: 3000,
      gatewayPort: 4000,
      gatewayAdminPort: 4001,
      publicUrl: "http://127.0.0.1:3000",
      gatewayPublicUrl: "http://127.0.0.1:4000",
      bind: "127.0.0.1",
      hosted: false,
      allowPrivateUpstreams: true,
    });
  });

  it("turn hosted mode on, and private upstreams off, when listening beyond loopback", () => {
    expect(readSettings({ BIND: "0.0.0.0" })).toMatchObject({ hosted: true, allowPrivateUpstreams: false });
    expect(readSettings({ BIND: "0.0.0.0", ALLOW_PRIVATE_UPSTREAMS: "1" }).allowPrivateUpstreams).toBe(true);
    expect(readSettings({ BIND: "::1" }).hosted).toBe(false);
  });

  it("name the variable that holds a bad port", () => {
    for (const bad of ["0", "65536", "3000x", "-1", "3.5"]) {
      expect(() => readSettings({ GATEWAY_PORT: bad })).toThrow("GATEWAY_PORT");
    }
  });
});

describe("the hosts we answer", () => {
  const settings = readSettings({ PUBLIC_URL: "https://policy.example.com/", ALLOWED_HOSTS: "Gateway.internal, " });

  it("are ourselves on any port, the public URLs and those the owner lists", () => {
    for (const host of [
      "localhost",
      "localhost:5555",
      "127.0.0.1:3000",
      "[::1]:3000",
      "policy.example.com",
      "GATEWAY.internal:80",
    ]) {
      expect(isAllowedHost(settings, host), host).toBe(true);
    }
  });

  it("are never a name that somebody made resolve to this machine", () => {
    const rebound = [
      "evil.example.com",
      "localhost.evil.com",
      "127.0.0.1.nip.io",
      "policy.example.com.evil.com",
      "127.0.0.2",
      "0.0.0.0",
      "",
    ];
    for (const host of [
      ...rebound,
      "localhost:80:80",
      "localhost@evil.com",
      "evil.com#localhost",
      " localhost",
      undefined,
    ]) {
      expect(isAllowedHost(settings, host), String(host)).toBe(false);
    }
  });

  it("count as origins too, but `null` and other schemes do not", () => {
    expect(isAllowedOrigin(settings, undefined)).toBe(true);
    expect(isAllowedOrigin(settings, "http://localhost:5555")).toBe(true);
    for (const origin of [
      "null",
      "",
      "https://evil.example.com",
      "file://localhost",
      "http://localhost.evil.com",
      "http://evil.com/@localhost",
    ]) {
      expect(isAllowedOrigin(settings, origin), origin).toBe(false);
    }
  });
});
