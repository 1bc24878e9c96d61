import { describe, expect, it } from "vitest";
import { hashPassword, isCommonPassword, verifyPassword } from "./passwords.ts";

describe("a password", () => {
  it.each([
    "passwordpassword",
    "password1234",
    "Password123!",
    "P@ssw0rd1234",
    "123456789012",
    "1234567890123",
    "210987654321",
    "qwertyuiop12",
    "qwerty123456",
    "1qaz2wsx3edc",
    "1q2w3e4r5t6y",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "abababababab",
    "abcdefghijkl",
    "letmein12345",
    "iloveyou1234",
    "administrator",
    "welcome12345",
    "changeme1234",
    "admin1234567",
    "ada.lovelace1",
    "ada.lovelace@example.com",
    "passw0rdpassw0rd",
    "qwertyuiopasdf",
    "testtesttest",
    "111111222222",
  ])("that everybody guesses first is refused: %s", (password) => {
    expect(isCommonPassword(password, "ada.lovelace@example.com")).toBe(true);
  });

  it.each([
    "correct horse battery staple",
    "correct-horse-battery",
    "Tr0ub4dor&3-extra",
    "a-long-password-for-tests",
    "test-password-4711-x",
    "kX9#mQ2$vL7z",
    "h8sk2lq09xmz",
    "my dog eats socks",
    "пароль-у-дома-нет",
    "policy gate by the river",
    "s3cret-enough-for-me",
  ])("that is good is taken: %s", (password) => {
    expect(isCommonPassword(password, "ada.lovelace@example.com")).toBe(false);
  });

  it("is kept as argon2id and recognised again, typed with other code points too", async () => {
    const hash = await hashPassword("caf\u00e9 au lait please");
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword(hash, "cafe\u0301 au lait please")).toBe(true);
    expect(await verifyPassword(hash, "cafe au lait please")).toBe(false);
  });

  it("of a user without one is never right", async () => {
    expect(await verifyPassword(null, "nobody has this password")).toBe(false);
  });
});
