import { describe, expect, it } from "vitest";
import { distinctSlugOf, slugOf } from "./slug.ts";

describe("the slug of a server", () => {
  it.each([
    ["npm:@stripe/mcp", "stripe-mcp"],
    ["npm:firecrawl-mcp", "firecrawl-mcp"],
    ["npm:trigger.dev", "trigger-dev"],
    ["github:Owner/Some_Server", "owner-some-server"],
    ["registry:io.github.owner/server", "io-github-owner-server"],
    ["url:https://mcp.example.com/sse?x=1", "mcp-example-com-sse-x-1"],
  ])("of %s is %s", (source, slug) => {
    expect(slugOf(source)).toBe(slug);
  });

  it.each(["npm:服务器", "url:https://例え.jp/…", `npm:${"a-".repeat(200)}`, "", "npm:"])(
    "is fit for an address whatever the source: %s",
    (source) => {
      expect(slugOf(source)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(slugOf(source).length).toBeLessThan(100);
    },
  );

  it("is never that of another page of the catalog", () => {
    for (const slug of [slugOf("npm:changes"), distinctSlugOf("npm:changes"), slugOf("github:-/Changes")]) {
      expect(slug).toMatch(/^server-[0-9a-f]{8}$/);
    }
  });

  it("differs for long sources that differ at the end only", () => {
    expect(slugOf(`npm:${"a".repeat(100)}x`)).not.toBe(slugOf(`npm:${"a".repeat(100)}y`));
  });

  it("has a distinct form where two sources share one", () => {
    expect(slugOf("npm:@a/b")).toBe(slugOf("npm:a-b"));
    expect(distinctSlugOf("npm:@a/b")).not.toBe(distinctSlugOf("npm:a-b"));
    expect(distinctSlugOf("npm:@a/b")).toMatch(/^a-b-[0-9a-f]{8}$/);
  });
});
