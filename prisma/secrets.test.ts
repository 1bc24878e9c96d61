import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { internalToken, open, readSecretKeys, seal } from "./secrets.ts";

const oldKey = randomBytes(32).toString("base64url");
const newKey = randomBytes(32).toString("base64url");
const keys = readSecretKeys(oldKey);

describe("a sealed secret", () => {
  it("opens with the same key, purpose and context, and is never the same text twice", () => {
    const sealed = seal(keys, "upstream-headers", "Bearer s3cret", "server-1");
    expect(open(keys, "upstream-headers", sealed, "server-1")).toBe("Bearer s3cret");
    expect(seal(keys, "upstream-headers", "Bearer s3cret", "server-1")).not.toBe(sealed);
    expect(sealed).not.toContain("s3cret");
  });

  it("does not open for another purpose, another row or another key, nor when a character changed", () => {
    const sealed = seal(keys, "upstream-headers", "Bearer s3cret", "server-1");
    expect(open(keys, "upstream-env", sealed, "server-1")).toBeNull();
    expect(open(keys, "upstream-headers", sealed, "server-2")).toBeNull();
    expect(open(readSecretKeys(newKey), "upstream-headers", sealed, "server-1")).toBeNull();
    for (let at = sealed.indexOf(".") + 1; at < sealed.length - 1; at += 7) {
      const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
      expect(open(keys, "upstream-headers", changed, "server-1")).toBeNull();
    }
    for (const broken of ["", ".", "abc", `${keys[0]?.id}.`, `${keys[0]?.id}.AAAA`]) {
      expect(open(keys, "upstream-headers", broken, "server-1")).toBeNull();
    }
  });

  it("still opens after the key was rotated, and what is sealed from then on uses the new key", () => {
    const sealed = seal(keys, "upstream-env", "{}", "s");
    const rotated = readSecretKeys(`${newKey},${oldKey}`);
    expect(open(rotated, "upstream-env", sealed, "s")).toBe("{}");
    expect(open(readSecretKeys(newKey), "upstream-env", seal(rotated, "upstream-env", "x", "s"), "s")).toBe("x");
  });

  it("needs a key of 32 bytes", () => {
    expect(() => readSecretKeys(undefined)).toThrow("SECRET_KEY is not set");
    expect(() => readSecretKeys("too-short")).toThrow("32 bytes");
    expect(internalToken(keys)).toHaveLength(43);
  });
});
