import { describe, expect, it } from "vitest";
import { credentialHash, isCredential, mintCredential } from "./credentials.ts";

describe("a credential", () => {
  it("is its prefix, 32 random bytes and a checksum, and is stored as a hash only", () => {
    const { token, hash, hint } = mintCredential("plg_");
    expect(token).toMatch(/^plg_[A-Za-z0-9_-]{49}$/);
    expect(hash).toBe(credentialHash(token));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(token.endsWith(hint)).toBe(true);
    expect(isCredential(token, "plg_")).toBe(true);
    expect(mintCredential("plg_").token).not.toBe(token);
  });

  it("is recognised as mistyped without asking anybody", () => {
    const { token } = mintCredential("plg_");
    expect(isCredential(token, "pla_")).toBe(false);
    expect(isCredential(`${token}x`, "plg_")).toBe(false);
    expect(isCredential(token.slice(0, -1), "plg_")).toBe(false);
    for (let at = 4; at < token.length; at++) {
      const mistyped = token.slice(0, at) + (token[at] === "a" ? "b" : "a") + token.slice(at + 1);
      expect(isCredential(mistyped, "plg_")).toBe(false);
    }
  });
});
