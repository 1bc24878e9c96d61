import { describe, expect, it } from "vitest";
import { fullName, pageUrl, shortUrl, sourceUrl } from "./identity.ts";

describe("where a server comes from", () => {
  it.each([
    ["https://github.com/a/b", "https://github.com/a/b"],
    ["git+https://github.com/a/b.git", "https://github.com/a/b"],
    ["git://github.com/a/b.git", "https://github.com/a/b"],
    ["git+ssh://git@github.com/a/b.git", "https://github.com/a/b"],
    ["git@github.com:a/b.git", "https://github.com/a/b"],
    ["github:a/b", "https://github.com/a/b"],
    ["a/b", "https://github.com/a/b"],
  ])("%s is a link to %s", (given, url) => expect(pageUrl(given)).toBe(url));

  // Guards the promise that a publisher's link is never a script, a file or a trap with somebody's password in it.
  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "https://you@evil.example",
    "not a link",
    null,
  ])("%s is none", (given) => expect(pageUrl(given)).toBeNull());

  it("is shown short, and leads to the page of the package or repository", () => {
    expect(shortUrl("https://www.github.com/a/b/")).toBe("github.com/a/b");
    expect(sourceUrl("npm:@a/b")).toBe("https://www.npmjs.com/package/@a/b");
    expect(sourceUrl("github:a/b")).toBe("https://github.com/a/b");
    expect(sourceUrl("registry:io.example/x")).toBeNull();
  });

  it("tells servers of one name apart", () => {
    expect(fullName({ name: "Files", source: "npm:@a/files" })).toBe("Files (@a/files)");
    expect(fullName({ name: "@a/files", source: "npm:@a/files" })).toBe("@a/files");
  });
});
