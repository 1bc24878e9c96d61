import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { remembered } from "./remembered.ts";

describe("what took a while to make", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function counting(keptMax = 10) {
    const made: string[] = [];
    const get = remembered({ keptMs: 1_000, keptMax }, async (key) => {
      made.push(key);
      if (key === "broken") throw new Error("broken");
      return `${key} ${made.length}`;
    });
    return { made, get };
  }

  it("is made once for all who ask at the same moment, and again when its time is over", async () => {
    const { made, get } = counting();
    expect(await Promise.all([get("a"), get("a"), get("b")])).toEqual(["a 1", "a 1", "b 2"]);
    vi.advanceTimersByTime(999);
    expect(await get("a")).toBe("a 1");
    vi.advanceTimersByTime(1);
    expect(await get("a")).toBe("a 3");
    expect(made).toEqual(["a", "b", "a"]);
  });

  it("is not kept when it could not be made", async () => {
    const { made, get } = counting();
    await expect(get("broken")).rejects.toThrow("broken");
    await expect(get("broken")).rejects.toThrow("broken");
    expect(made).toHaveLength(2);
  });

  // Guards our memory: the keys are what strangers ask for.
  it("is forgotten when too many others were asked for", async () => {
    const { made, get } = counting(2);
    for (const key of ["a", "b", "c", "a"]) await get(key);
    expect(made).toEqual(["a", "b", "c", "a"]);
    await get("c");
    expect(made).toHaveLength(4);
  });
});
