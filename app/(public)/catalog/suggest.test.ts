import { describe, expect, it } from "vitest";
import type { ToolCard } from "../../api/v1/catalog-schemas.ts";
import type { SearchAsked } from "./search-asked.ts";
import { suggest } from "./suggest.ts";

const card = { name: "vm_create_image", server: { slug: "s", name: "S" } } as ToolCard;

/** A catalog where only these searches find something. */
function findWhere(found: (asked: SearchAsked) => boolean) {
  const asked: SearchAsked[] = [];
  const find = async (each: SearchAsked) => {
    asked.push(each);
    return { items: found(each) ? [card] : [], nextCursor: null };
  };
  return { find, asked };
}

describe("a search that finds nothing", () => {
  it("is told what there is without its filters", async () => {
    const { find } = findWhere(({ severity }) => severity === undefined);
    expect(await suggest({ q: "vm", of: "tools", severity: "low" }, find)).toMatchObject({
      why: "unfiltered",
      asked: { q: "vm", of: "tools" },
    });
  });

  it("is told what there is among servers when it asked for tools, and the other way round", async () => {
    const { find } = findWhere(({ of }) => of === "servers");
    expect(await suggest({ q: "vm", of: "tools" }, find)).toMatchObject({ why: "elsewhere", asked: { of: "servers" } });
  });

  it("is told what begins alike", async () => {
    const { find } = findWhere(({ q }) => q === "crea");
    expect(await suggest({ q: "my creatte", of: "tools" }, find)).toMatchObject({ why: "near", asked: { q: "crea" } });
  });

  it("may find nothing at all", async () => {
    expect(await suggest({ q: "zz", of: "tools" }, findWhere(() => false).find)).toBeNull();
    expect(await suggest({ q: "", of: "tools" }, findWhere(() => true).find)).toBeNull();
  });
});
