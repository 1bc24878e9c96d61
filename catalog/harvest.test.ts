import { describe, expect, it } from "vitest";
import { readHarvestTarget, sourceOf } from "./harvest.ts";

describe("the source of a URL", () => {
  it("leaves out what may be a key", () => {
    expect(sourceOf({ kind: "url", url: "https://u:p@mcp.example.com/sse?key=secret#x" })).toBe(
      "url:https://mcp.example.com/sse",
    );
    expect(sourceOf({ kind: "url", url: "https://mcp.example.com" })).toBe("url:https://mcp.example.com");
  });
});

describe("a target as a person types it", () => {
  it.each([
    ["firecrawl-mcp", { kind: "npm", package: "firecrawl-mcp" }, "npm:firecrawl-mcp"],
    ["@stripe/mcp", { kind: "npm", package: "@stripe/mcp" }, "npm:@stripe/mcp"],
    ["@stripe/mcp@0.2.5", { kind: "npm", package: "@stripe/mcp", version: "0.2.5" }, "npm:@stripe/mcp"],
    ["npm:convex@latest", { kind: "npm", package: "convex", version: "latest" }, "npm:convex"],
    [
      "https://mcp.example.com/mcp",
      { kind: "url", url: "https://mcp.example.com/mcp" },
      "url:https://mcp.example.com/mcp",
    ],
  ])("%s is read", (text, target, source) => {
    const read = readHarvestTarget(text);
    expect(read).toEqual(target);
    expect(read && sourceOf(read)).toBe(source);
  });

  // Each would be something else to npm: a flag, a folder, a file, a git repository, an alias, a range.
  it.each([
    "",
    "--registry=http://x",
    "-g",
    ".",
    "../x",
    "/etc",
    "file:x",
    "x.tgz@file:/x",
    "x.tgz",
    "a@1.tar.gz",
    "git+ssh://x/y",
    "owner/repo",
    "a@npm:b",
    "a@>=1 || 2",
    "a b",
    "a\nb",
    "@scope",
    "@/x",
    "http:",
    "ftp://x/y",
    "a@--flag",
  ])("%j is no target", (text) => {
    expect(readHarvestTarget(text)).toBeNull();
  });
});
