import { describe, expect, it } from "vitest";
import { gateLimits, openGate, type Ticket } from "./limits.ts";

const limits = { ...gateLimits, atOnceMax: 2, standingMax: 1, waitingMax: 2, waitingBytesMax: 100, waitMsMax: 1_000 };

function visitor(log: string[], name: string, change: { isStanding?: boolean; bytes?: number } = {}): Ticket {
  const said = { go: () => void log.push(name), refuse: () => void log.push(`no ${name}`) };
  return { isStanding: false, bytes: 1, place: "outside", ...change, ...said };
}
const turn = () => new Promise(setImmediate);

describe("the gate of a server", () => {
  it("lets so many in at once, the others in the order in which they came, and no more than may wait", async () => {
    const log: string[] = [];
    const gate = openGate(limits);
    const [a, b, c, d] = [visitor(log, "a"), visitor(log, "b"), visitor(log, "c"), visitor(log, "d")];
    const e = visitor(log, "e");
    expect([a, b, c, d, e].map((one) => gate.enter(one, 0))).toEqual([true, true, true, true, false]);
    expect(log).toEqual(["a", "b"]);
    gate.leave(e); // was never let in
    gate.leave(c); // went away while it waited
    await turn();
    expect(log).toEqual(["a", "b"]);
    gate.leave(a);
    gate.leave(a);
    await turn();
    expect(log).toEqual(["a", "b", "d"]);
    gate.leave(b);
    gate.leave(d);
    await turn();
    for (const name of ["f", "g", "h"]) expect(gate.enter(visitor(log, name), 0)).toBe(true);
    expect(log.slice(3)).toEqual(["f", "g"]);
  });

  it("holds no more bytes than it may", () => {
    const log: string[] = [];
    const gate = openGate(limits);
    for (const name of ["a", "b"]) gate.enter(visitor(log, name, { bytes: 1_000 }), 0);
    expect(gate.enter(visitor(log, "c", { bytes: 101 }), 0)).toBe(false);
    expect(gate.enter(visitor(log, "d", { bytes: 60 }), 0)).toBe(true);
    expect(gate.enter(visitor(log, "e", { bytes: 60 }), 0)).toBe(false);
  });

  it("sends away who has waited too long", async () => {
    const log: string[] = [];
    const gate = openGate(limits);
    const a = visitor(log, "a");
    gate.enter(a, 0);
    for (const name of ["b", "c"]) gate.enter(visitor(log, name), 0);
    gate.enter(visitor(log, "d"), 500);
    gate.sweep(1_000);
    expect(log).toEqual(["a", "b", "no c"]);
    gate.leave(a);
    await turn();
    expect(log).toEqual(["a", "b", "no c", "d"]);
  });

  // Guards the promise about a server that hangs: those who gave up waiting for it were never inside.
  it("gives nobody the place of one that only waited", async () => {
    const log: string[] = [];
    const gate = openGate(limits);
    for (const name of ["a", "b"]) gate.enter(visitor(log, name), 0);
    const c: Ticket = { ...visitor(log, "c"), refuse: () => gate.leave(c) };
    gate.enter(c, 0);
    gate.sweep(1_000);
    gate.enter(visitor(log, "d"), 1_000);
    await turn();
    expect(log).toEqual(["a", "b"]);
  });

  it("counts streams that are only listened to for themselves", () => {
    const log: string[] = [];
    const gate = openGate(limits);
    expect(gate.enter(visitor(log, "s", { isStanding: true }), 0)).toBe(true);
    expect(gate.enter(visitor(log, "t", { isStanding: true }), 0)).toBe(false);
    gate.enter(visitor(log, "a"), 0);
    gate.enter(visitor(log, "b"), 0);
    expect(log).toEqual(["s", "a", "b"]);
  });
});
