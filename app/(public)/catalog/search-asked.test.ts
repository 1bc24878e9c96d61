import { describe, expect, it } from "vitest";
import { readSearchAsked, searchApiPath, searchPath } from "./search-asked.ts";

const read = (path: string) => readSearchAsked(Object.fromEntries(new URL(path, "http://x").searchParams));

describe("a search of the catalog", () => {
  it.each([
    "/catalog",
    "/catalog?q=create+image&of=tools&category=Execute&severity=high&source=npm&cursor=abc",
    "/catalog?q=a%26b",
  ])("is all in its address: %s", (path) => expect(searchPath(read(path))).toBe(path));

  it("takes nothing from an address that makes no sense", () => {
    expect(searchPath(read("/catalog?of=users&category=Evil&severity=7&source=ftp&cursor="))).toBe("/catalog");
    expect(readSearchAsked({ q: ["a", "b"], of: ["tools"] })).toMatchObject({ q: "", of: "servers" });
    expect(read(`/catalog?q=${"x".repeat(1_000)}`).q).toHaveLength(200);
  });

  it("is the same for the API", () => {
    expect(searchApiPath(read("/catalog?q=vm&of=tools&source=npm"), 25)).toBe(
      "/catalog/search?of=tools&limit=25&q=vm&sourceKind=npm",
    );
  });
});
