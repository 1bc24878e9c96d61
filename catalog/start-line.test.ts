import { describe, expect, it } from "vitest";
import { addressOf, startLineOf } from "./start-line.ts";

describe("a server of the catalog", () => {
  it("is started by its package, or reached at its address", () => {
    expect(startLineOf({ source: "npm:@a/b", packageName: "@a/b" })).toBe("npx -y @a/b");
    expect(startLineOf({ source: "github:a/b", packageName: null })).toBeNull();
    expect(startLineOf({ source: "url:https://a.example/mcp", packageName: "b" })).toBeNull();
    expect(addressOf({ source: "url:https://a.example/mcp" })).toBe("https://a.example/mcp");
    expect(addressOf({ source: "npm:b" })).toBeNull();
  });

  // Guards the promise that nobody's entry in a registry becomes another command than its package.
  it.each(["--package=evil", "-p", "a b", "./local", "a;b", "https://evil.example/x.tgz", "@a/../b"])(
    "called %s is started by no command",
    (packageName) => expect(startLineOf({ source: "npm:x", packageName })).toBeNull(),
  );

  it("is reached by http and https only", () => {
    expect(addressOf({ source: "url:javascript:alert(1)" })).toBeNull();
    expect(addressOf({ source: "url:file:///etc/passwd" })).toBeNull();
  });
});
