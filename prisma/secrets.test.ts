import { createCipheriv, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveKey, internalToken, open, readSecretKeys, seal } from "./secrets.ts";

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
    const id = keys[0]?.id;
    for (const broken of ["", ".", "abc", `${id}.`, `${id}.AAAA`, `${id}.x.`, `${id}.x.AAAA`, `${id}.x.A.A`]) {
      expect(open(keys, "upstream-headers", broken, "server-1")).toBeNull();
    }
  });

  it("keeps every character of short and long texts", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 200 }),
        fc.integer({ min: 1, max: 20_000 }),
        (unit, times) => {
          const text = unit.repeat(Math.min(times, Math.ceil(3_000_000 / (unit.length + 1))));
          expect(open(keys, "upstream-env", seal(keys, "upstream-env", text, unit), unit)).toBe(text);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("that was sealed with AES-256-GCM by an earlier version opens too, and only as what it was", () => {
    const root = Buffer.from(oldKey, "base64url");
    const cipher = createCipheriv("aes-256-gcm", deriveKey(root, "upstream-headers"), Buffer.alloc(12, 5));
    cipher.setAAD(Buffer.from("server-1"));
    const bytes = [Buffer.alloc(12, 5), cipher.update("Bearer s3cret", "utf8"), cipher.final(), cipher.getAuthTag()];
    const sealed = `${keys[0]?.id}.${Buffer.concat(bytes).toString("base64url")}`;
    expect(open(keys, "upstream-headers", sealed, "server-1")).toBe("Bearer s3cret");
    expect(open(keys, "upstream-headers", sealed, "server-2")).toBeNull();
    expect(open(keys, "upstream-env", sealed, "server-1")).toBeNull();
    expect(open(keys, "upstream-headers", sealed.replace(".", ".x."), "server-1")).toBeNull();
  });

  it("is XChaCha20-Poly1305 as other implementations make it", () => {
    // By libsodium's native build, with a nonce of 40 41 … 57.
    const sealed =
      "8c0cc17a.x.QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWKFAV5xXfIl0ZOxc4j0N1CEHK-_aVBsDo2nN2VQrVnUT-OBJrimx5y6eAA";
    const nines = readSecretKeys("CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk");
    expect(open(nines, "upstream-headers", sealed, "server-1")).toBe("Bearer s3cret – ünïcode");
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
