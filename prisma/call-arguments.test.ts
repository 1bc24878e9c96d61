import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { RecordedArguments } from "../policy/recorded.ts";
import { openCallArguments, sealCallArguments } from "./call-arguments.ts";
import { open, readSecretKeys } from "./secrets.ts";

const keys = readSecretKeys(randomBytes(32).toString("base64url"));
const recorded: RecordedArguments = { paths: ["args.a"], values: [["a", { value: "half a pair: \ud800, NUL: \0" }]] };

describe("the values of a call's arguments", () => {
  it("open for their call, exactly as they were", () => {
    const sealed = sealCallArguments(keys, JSON.stringify(recorded), "call-1");
    expect(openCallArguments(keys, sealed, "call-1")).toEqual(recorded);
    expect(sealed).not.toContain("half");
  });

  it("do not open for another call, with another key, for another purpose, or when they were changed", () => {
    const sealed = sealCallArguments(keys, JSON.stringify(recorded), "call-1");
    expect(openCallArguments(keys, sealed, "call-2")).toBeNull();
    expect(openCallArguments(readSecretKeys(randomBytes(32).toString("base64url")), sealed, "call-1")).toBeNull();
    expect(open(keys, "mcp-session", sealed, "call-1")).toBeNull();
    expect(openCallArguments(keys, sealed.slice(0, -4), "call-1")).toBeNull();
    expect(openCallArguments(keys, "not sealed", "call-1")).toBeNull();
  });
});
