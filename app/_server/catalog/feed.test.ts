import { describe, expect, it } from "vitest";
import type { CatalogEventRow } from "../../api/v1/catalog-schemas.ts";
import { atom } from "./feed.ts";

const event: CatalogEventRow = {
  id: "01a20642-9431-76b3-b018-22b231b97aaf",
  at: "2026-11-23T02:00:00.000Z",
  kind: "tool_changed",
  server: { slug: "files-mcp", name: "files" },
  tool: "read_file",
  fromVersion: "1.0.0",
  toVersion: "1.1.0",
  grades: ["wording"],
  before: "{}",
  after: "{}",
};
const feedOf = (...events: CatalogEventRow[]) =>
  atom({ title: "t", self: "http://x/f?server=a&b", page: "http://x/", updated: event.at, events });

describe("the feed of changes", () => {
  it("has an entry for each, with a name that never changes and a link", () => {
    const feed = feedOf(event);
    expect(feed).toContain("<id>urn:uuid:01a20642-9431-76b3-b018-22b231b97aaf</id>");
    expect(feed).toContain("<title>files: read_file has another definition (1.0.0 → 1.1.0): other words.</title>");
    expect(feed).toContain('/catalog/files-mcp/read_file"/>');
    expect(feed).toContain("<updated>2026-11-23T02:00:00.000Z</updated>");
  });

  it("stays a feed whatever a server calls itself", () => {
    const hostile = "</title><script>alert(1)</script>&\u0000\u202e\ufffe\"'";
    const feed = feedOf({ ...event, server: { slug: "a", name: hostile }, tool: hostile, toVersion: hostile });
    for (const part of ["<script", "\0", "\u202e", "\ufffe"]) expect(feed).not.toContain(part);
    expect(feed.match(/<title>/g)).toHaveLength(2);
    expect(feed).toContain("server=a&amp;b");
  });

  it("is one without any entry too", () => {
    expect(feedOf()).toMatch(/^<\?xml.*<feed.*<\/feed>\n$/s);
  });
});
