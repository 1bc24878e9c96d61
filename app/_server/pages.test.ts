import { describe, expect, it } from "vitest";
import { cacheControl, isEverybodys, isPublicPage } from "./pages.ts";

describe("a page", () => {
  it.each([
    "/",
    "/signin",
    "/signup",
    "/catalog",
    "/catalog/tmux-claude",
    "/risk/high",
    "/category/execute",
    "/attacks/tool-poisoning",
    "/contact",
    "/og/catalog/tmux-claude",
    "/sitemap.xml",
    "/sitemaps/pages.xml",
    "/robots.txt",
    "/llms.txt",
    "/_next/static/chunks/a.js",
    "/icon.svg",
  ])("%s is everybody's", (pathname) => expect(isPublicPage(pathname)).toBe(true));

  it.each(["/overview", "/servers", "/servers/x.json", "/settings", "/signin2", "/_nextx", "/whatever/icon.svg"])(
    "%s asks who you are",
    (pathname) => expect(isPublicPage(pathname)).toBe(false),
  );
});

describe("an answer", () => {
  it.each(["/", "/catalog", "/catalog/tmux-claude/vm_create", "/risk/high", "/category/read", "/attacks", "/contact"])(
    "%s may be kept for a minute by caches that everybody shares, and not when somebody is signed in",
    (pathname) => {
      expect(isEverybodys("GET", pathname)).toBe(true);
      expect(cacheControl(false)).toMatch(/^public, max-age=0, s-maxage=60\b/);
      expect(cacheControl(true)).toBe("private, no-cache");
      expect(isEverybodys("POST", pathname)).toBe(false);
    },
  );

  it.each(["/signin", "/signup", "/overview", "/_next/static/chunks/a.js", "/catalogs", "/icon.svg"])(
    "%s is kept as it says itself",
    (pathname) => expect(isEverybodys("GET", pathname)).toBe(false),
  );
});
