import { describe, expect, it } from "vitest";
import { serverPath, toolNameOf, toolPath } from "./address.ts";

describe("the address of a page in the catalog", () => {
  it("is readable", () => {
    expect(serverPath("tmux-claude")).toBe("/catalog/tmux-claude");
    expect(toolPath("tmux-claude", "vm_create_image")).toBe("/catalog/tmux-claude/vm_create_image");
  });

  // Guards that no tool hides behind another one's page, whatever it calls itself.
  it.each([
    "a/b",
    "../../signin",
    "..",
    ".",
    "",
    "...",
    "~",
    "~..",
    "~~x",
    "?q=1#top",
    "%2e%2e",
    "100 %",
    "naïve ☃",
    "<script>",
    "a\\b",
    "\u202egnp",
  ])("of a tool named %j leads to that tool alone", (name) => {
    const { pathname, search, hash } = new URL(toolPath("some-server", name), "http://127.0.0.1");
    expect(pathname.split("/").slice(0, 3)).toEqual(["", "catalog", "some-server"]);
    expect(pathname.split("/")).toHaveLength(4);
    expect(search + hash).toBe("");
    expect(toolNameOf(pathname.split("/")[3] ?? "")).toBe(name);
  });

  it("exists even for half a character, and not for a broken escape", () => {
    expect(toolPath("s", "a\ud800b")).toBe("/catalog/s/a%EF%BF%BDb");
    expect(toolNameOf("%E0%A4%A")).toBeNull();
  });
});
