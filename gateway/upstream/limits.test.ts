import { describe, expect, it } from "vitest";
import { gateLimits, openGate } from "./limits.ts";

const limits = { ...gateLimits, atOnceMax: 2, standingMax: 1, waitingMax: 2, waitingBytesMax: 100, waitMsMax: 1_000 };

function visitor(log: string[], name: string, change: { isStanding?: boolean; bytes?: number } = {}) {
  return { isStanding: false, bytes: 1, ...change, go: () => log.push(name), refuse: () => log.push(`no ${name}`) };
}
const turn = () => new Promise(setImmediate);

describe("the gate of a server", () => {
  it("lets so many in at once, the others in the order in which they came, and no more than may wait", async () => {
    const log: string[] = [];
    const gate = openGate(limits);
    const [leaveA, leaveB, leaveC, leaveD, leaveE] = ["a", "b", "c", "d", "e"].map((n) =>
      gate.enter(visitor(log, n), 0),
    );
    expect(log).toEqual(["a", "b"]);
    expect(leaveE).toBeNull();
    leaveC?.(); // went away while it waited
    leaveA?.();
    leaveA?.();
    await turn();
    expect(log).toEqual(["a", "b", "d"]);
    leaveB?.();
    leaveD?.();
    await turn();
    expect(gate.enter(visitor(log, "f"), 0)).not.toBeNull();
    expect(gate.enter(visitor(log, "g"), 0)).not.toBeNull();
    expect(log.slice(3)).toEqual(["f", "g"]);
  });

  it("holds no more bytes than it may", () => {
    const log: string[] = [];
    const gate = openGate(limits);
    for (const name of ["a", "b"]) gate.enter(visitor(log, name, { bytes: 1_000 }), 0);
    expect(gate.enter(visitor(log, "c", { bytes: 101 }), 0)).toBeNull();
    expect(gate.enter(visitor(log, "d", { bytes: 60 }), 0)).not.toBeNull();
    expect(gate.enter(visitor(log, "e", { bytes: 60 }), 0)).toBeNull();
  });

  it("sends away who has waited too long", async () => {
    const log: string[] = [];
    const gate = openGate(limits);
    const [leaveA] = ["a", "b", "c"].map((name) => gate.enter(visitor(log, name), 0));
    gate.enter(visitor(log, "d"), 500);
    gate.sweep(1_000);
    expect(log).toEqual(["a", "b", "no c"]);
    leaveA?.();
    await turn();
    expect(log).toEqual(["a", "b", "no c", "d"]);
  });

  it("counts streams that are only listened to for themselves", () => {
    const log: string[] = [];
    const gate = openGate(limits);
    expect(gate.enter(visitor(log, "s", { isStanding: true }), 0)).not.toBeNull();
    expect(gate.enter(visitor(log, "t", { isStanding: true }), 0)).toBeNull();
    gate.enter(visitor(log, "a"), 0);
    gate.enter(visitor(log, "b"), 0);
    expect(log).toEqual(["s", "a", "b"]);
  });
});
