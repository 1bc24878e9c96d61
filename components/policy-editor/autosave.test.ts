import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Autosave, type SaveAnswer } from "./autosave.ts";

function autosaveWhere(answers: (SaveAnswer | Promise<SaveAnswer>)[] = []) {
  const saved: [string, number][] = [];
  const states: string[] = [];
  let revision = 1;
  const autosave = new Autosave({
    text: "a",
    revision,
    save: async (text, seen) => {
      saved.push([text, seen]);
      const answer = answers.shift();
      if (answer) return answer;
      revision = seen + 1;
      return { ok: true, revision };
    },
    onState: (state) => states.push(state.kind),
  });
  return { autosave, saved, states };
}

describe("autosave of a draft", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("saves once the author pauses, based on the revision it knows", async () => {
    const { autosave, saved, states } = autosaveWhere();
    autosave.edited("ab");
    autosave.edited("abc");
    await vi.advanceTimersByTimeAsync(1_000);
    autosave.edited("abcd");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(saved).toEqual([
      ["abc", 1],
      ["abcd", 2],
    ]);
    expect(states.at(-1)).toBe("saved");
  });

  it("saves nothing when the text is what it was", async () => {
    const { autosave, saved } = autosaveWhere();
    autosave.edited("ab");
    autosave.edited("a");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(saved).toEqual([]);
  });

  it("never has two saves on their way, and saves what was typed during one", async () => {
    let answerFirst: (answer: SaveAnswer) => void = () => undefined;
    const first = new Promise<SaveAnswer>((resolve) => {
      answerFirst = resolve;
    });
    const { autosave, saved } = autosaveWhere([first]);
    autosave.edited("ab");
    await vi.advanceTimersByTimeAsync(1_000);
    autosave.edited("abc");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(saved).toHaveLength(1);
    answerFirst({ ok: true, revision: 2 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(saved).toEqual([
      ["ab", 1],
      ["abc", 2],
    ]);
  });

  // Guards the promise that two authors never overwrite each other unseen.
  it("stops at a conflict, until the author keeps theirs", async () => {
    const { autosave, saved, states } = autosaveWhere([{ ok: false, code: "draft_moved_on", detail: "" }]);
    autosave.edited("mine");
    await vi.advanceTimersByTimeAsync(1_000);
    autosave.edited("mine!");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(saved).toHaveLength(1);
    expect(states.at(-1)).toBe("conflict");
    expect(await autosave.flush()).toBe(false);
    expect(await autosave.keepMine(7)).toBe(true);
    expect(saved.at(-1)).toEqual(["mine!", 7]);
  });

  it("goes on from the other draft when the author loads it", async () => {
    const { autosave, saved } = autosaveWhere([{ ok: false, code: "draft_moved_on", detail: "" }]);
    autosave.edited("mine");
    await vi.advanceTimersByTimeAsync(1_000);
    autosave.takeTheirs("theirs", 5);
    autosave.edited("theirs");
    autosave.edited("theirs and mine");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(saved.at(-1)).toEqual(["theirs and mine", 5]);
  });

  it("tries again by itself after a failure", async () => {
    const { autosave, saved, states } = autosaveWhere([{ ok: false, code: "offline", detail: "away" }]);
    autosave.edited("ab");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(states.at(-1)).toBe("failed");
    await vi.advanceTimersByTimeAsync(6_000);
    expect(saved).toHaveLength(2);
    expect(states.at(-1)).toBe("saved");
  });

  it("has everything on the server after a flush", async () => {
    const { autosave, saved } = autosaveWhere();
    autosave.edited("ab");
    expect(await autosave.flush()).toBe(true);
    expect(saved).toEqual([["ab", 1]]);
    expect(autosave.revision).toBe(2);
  });
});
