import { describe, expect, it } from "vitest";
import { matchingStep, newRecoveryCodes, newTotpSecret, plainRecoveryCode, stepAt, totpCode, totpUri } from "./totp.ts";

// RFC 6238, appendix B (SHA-1): the secret is the ASCII text "12345678901234567890"; the last six of its eight digits.
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

describe("a code of an authenticator app", () => {
  it.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ])("at %d s is the RFC's %s", (seconds, code) => {
    expect(totpCode(secret, stepAt(seconds * 1_000))).toBe(code);
  });

  it("is taken one step early or late, with spaces, and not otherwise", () => {
    const now = 1_234_567_890_000;
    const step = stepAt(now);
    for (const near of [step - 1, step, step + 1]) expect(matchingStep(secret, totpCode(secret, near), now)).toBe(near);
    for (const far of [step - 2, step + 2]) expect(matchingStep(secret, totpCode(secret, far), now)).toBeNull();
    expect(matchingStep(secret, ` ${totpCode(secret, step).replace(/^.../, "$& ")} `, now)).toBe(step);
    for (const strange of ["", "12345", "1234567", "abcdef", "½½½", "-00001"]) {
      expect(matchingStep(secret, strange, now)).toBeNull();
    }
  });

  it("has a secret of 160 bits, never the same", () => {
    const secrets = Array.from({ length: 50 }, newTotpSecret);
    expect(new Set(secrets).size).toBe(50);
    for (const each of secrets) expect(each).toMatch(/^[A-Z2-7]{32}$/);
  });

  it("is set up by an address that names the account, whatever its letters", () => {
    const uri = new URL(totpUri(secret, "a&b?c=d+e@example.com", "policy.example.com"));
    expect(uri.protocol).toBe("otpauth:");
    expect(uri.searchParams.get("secret")).toBe(secret);
    expect(uri.searchParams.get("issuer")).toBe("PolicyLayer (policy.example.com)");
    expect(decodeURIComponent(uri.pathname)).toContain("a&b?c=d+e@example.com");
    expect(uri.href).not.toContain("+");
  });
});

describe("recovery codes", () => {
  it("are ten, each of 80 bits, and may be typed in any way", () => {
    const codes = newRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/);
    expect(plainRecoveryCode(" ABCD-efgh 2345-67ab ")).toBe("abcdefgh234567ab");
  });
});
