import { describe, expect, it } from "vitest";
import { firstSentence, visible, visibleJson, visibleLines } from "./visible.ts";

describe("a stranger's text on a page", () => {
  it("shows what it would hide", () => {
    expect(visible("delete\u200b_user")).toBe("delete\\u{200b}_user");
    expect(visible("\u202egnp.txt")).toBe("\\u{202e}gnp.txt");
    expect(visible("a\nb\0")).toBe("a\\u{a}b\\u{0}");
    expect(visible("naïve_工具_☃")).toBe("naïve_工具_☃");
  });

  it("keeps its lines where it may have some", () => {
    expect(visibleLines("a\r\nb\tc 👩‍👧\u202ex")).toBe("a\nb\tc 👩‍👧\\u{202e}x");
  });

  it("is escaped in JSON without meaning anything else", () => {
    const policy = { tools: { "\u202egnp\u{e0041}": {}, naïve: {} } };
    const shown = visibleJson(JSON.stringify(policy, null, 2));
    expect(shown).toContain('"\\u202egnp\\udb40\\udc41"');
    expect(shown).toContain('"naïve"');
    expect(JSON.parse(shown)).toEqual(policy);
  });

  it("is cut at its first sentence for a list", () => {
    expect(firstSentence("Create an AMI from a VM instance")).toBe("Create an AMI from a VM instance");
    expect(firstSentence("  Lists e.g. files. Then more.\nArgs: x")).toBe("Lists e.g. files.");
    expect(firstSentence("Title\n\nBody.")).toBe("Title");
  });
});
