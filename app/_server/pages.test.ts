import { describe, expect, it } from "vitest";
import { isPublicPage } from "./pages.ts";

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
