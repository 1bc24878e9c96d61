import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { draw, pictureSize } from "./draw.tsx";
import { drawable } from "./drawable.ts";
import type { Picture } from "./picture.ts";

const everything = [
  ...range(0x20, 0x7e),
  ...range(0xa1, 0x17f),
  ...range(0x400, 0x45f),
  ..."–—‘’“”…·•→\u200b\u202e\u0300\ufe0f\u20e3😀用",
];

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index));
}

/** Width and height, as the header of a PNG says them. */
function sizeOf(png: Buffer): { width: number; height: number } {
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

describe("a text for a picture", () => {
  it("stays as it is where it can be drawn", () => {
    expect(drawable("vm_create_image", 70, "A tool")).toBe("vm_create_image");
    expect(drawable("Créer une image: Über, Łódź, образ", 70, "A tool")).toBe("Créer une image: Über, Łódź, образ");
    expect(drawable("cafe\u0301", 70, "A tool")).toBe("café");
  });

  it("loses what cannot be drawn, and is another one when hardly anything is left", () => {
    expect(drawable("delete_用户", 70, "A tool")).toBe("delete_…");
    for (const text of ["用户删除", "حذف", "😀😀", "", "\u202e\u200b", "___", "e\ufe0f\u20e3\u20e3"]) {
      expect(drawable(text, 70, "A tool")).toBe("A tool");
    }
  });

  it("is one line of bounded length", () => {
    expect(drawable("a\nb\tc", 70, "A tool")).toBe("a b c");
    expect([...drawable("x".repeat(1e6), 70, "A tool")]).toHaveLength(70);
  });
});

describe("a picture", () => {
  const asked: string[] = [];
  beforeEach(() => {
    asked.length = 0;
    vi.stubGlobal("fetch", async (url: unknown) => {
      asked.push(String(url));
      throw new Error("there is no network");
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("is a PNG of 1200 by 630", async () => {
    const png = await draw({
      kind: "Execute tool",
      title: "vm_create_image",
      isName: true,
      about: "on tmux-claude MCP Server",
      severity: "high",
      counts: [{ label: "tools there", count: 26 }],
    });
    expect(sizeOf(png)).toEqual(pictureSize);
  });

  // Guards the promise that nothing of ours asks other people's machines, whatever a tool is called.
  it("asks nobody for a font or an emoji, whatever is written on it", { timeout: 60_000 }, async () => {
    for (let from = 0; from < everything.length; from += 70) {
      const text = everything.slice(from, from + 70).join("");
      const title = drawable(text, 70, "A tool");
      await draw({ kind: title, title, isName: true, about: title });
      await draw({ kind: "", title });
    }
    expect(asked).toEqual([]);
  });

  it("takes markup and very long words for text", async () => {
    const hostile: Picture = { kind: "Read tool", title: drawable(`<script>${"w".repeat(500)}`, 70, ""), isName: true };
    expect(sizeOf(await draw(hostile))).toEqual(pictureSize);
  });
});
