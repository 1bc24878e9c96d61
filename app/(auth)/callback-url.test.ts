import { describe, expect, it } from "vitest";
import { safeCallbackPath, withCallback } from "./callback-url.ts";

const origin = "http://127.0.0.1:3000";

describe("the page after signing in", () => {
  it("is the page that was asked for", () => {
    expect(safeCallbackPath("/calls?code=denied", origin)).toBe("/calls?code=denied");
    expect(safeCallbackPath(`${origin}/servers`, origin)).toBe("/servers");
  });

  it.each([
    "https://evil.example/x",
    "//evil.example/x",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/signin",
    "/",
    "",
  ])("is the overview instead of %j", (wanted) => {
    expect(safeCallbackPath(wanted, origin)).toBe("/overview");
  });
});

describe("between signing in and signing up", () => {
  it("the page that was asked for is not forgotten", () => {
    expect(withCallback("/signup", "/open?server=tmux-claude&tool=a b")).toBe(
      "/signup?callbackUrl=%2Fopen%3Fserver%3Dtmux-claude%26tool%3Da%20b",
    );
    expect(withCallback("/signin", null)).toBe("/signin");
  });
});
