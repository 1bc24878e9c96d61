import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Roster } from "./roster.ts";

test("a roster holds each object once, with its last note, until it is taken out", () => {
  const roster = new Roster<object, string>();
  const [a, b, c] = [{}, {}, {}];
  for (const [item, note] of [
    [a, "a"],
    [b, "b"],
    [c, "c"],
    [b, "B"],
  ] as const)
    roster.set(item, note);
  expect([...roster].map(([, note]) => note).sort()).toEqual(["B", "a", "c"]);
  expect(roster.delete(a)).toBe(true);
  expect(roster.delete(a)).toBe(false);
  expect([roster.size, roster.get(a), roster.get(b), roster.get(c)]).toEqual([2, undefined, "B", "c"]);
  expect([roster.delete(c), roster.delete(b), roster.size]).toEqual([true, true, 0]);
});

test("an object may be in several rosters, and out of one is not out of the others", () => {
  const [one, other] = [new Roster<object>(), new Roster<object>()];
  const item = {};
  one.set(item, true);
  other.set(item, true);
  one.delete(item);
  expect([one.size, other.size, other.get(item)]).toEqual([0, 1, true]);
});

test("what is taken out or put in while it is gone through disturbs nobody", () => {
  const roster = new Roster<{ n: number }>();
  const items = Array.from({ length: 5 }, (_, n) => ({ n }));
  for (const item of items) roster.set(item, true);
  const seen: number[] = [];
  for (const [item] of roster) {
    seen.push(item.n);
    roster.delete(item);
    roster.set({ n: 9 }, true);
  }
  expect(seen.sort()).toEqual([0, 1, 2, 3, 4]);
  expect(roster.size).toBe(5);
});

test("what was taken out is garbage at the next small collection, however much came and went before", () => {
  // A process of its own: what is counted are the full collections, which a Set with the same use needs again and again.
  const script = `
    import { PerformanceObserver, constants } from "node:perf_hooks";
    import { Roster } from ${JSON.stringify(new URL("./roster.ts", import.meta.url).href)};
    let full = 0;
    new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) full += 1;
    }).observe({ entryTypes: ["gc"] });
    const roster = new Roster();
    const first = Array.from({ length: 100 }, (_, n) => ({ n }));
    for (const item of first) roster.set(item, true);
    gc(); gc();
    for (const item of first) roster.delete(item);
    await new Promise((done) => setTimeout(done, 50));
    full = 0;
    const open = [];
    for (let n = 0; n < 400_000; n++) {
      const item = { n, body: new Array(200).fill(n) };
      roster.set(item, true);
      open.push(item);
      if (open.length > 64) roster.delete(open.shift());
    }
    await new Promise((done) => setTimeout(done, 50));
    console.log(full);
  `;
  const args = ["--expose-gc", "--import", "tsx", "--input-type=module", "--eval", script];
  const root = fileURLToPath(new URL("..", import.meta.url));
  expect(Number(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }))).toBe(0);
});
