import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mergeTexts } from "../../policy/merge.ts";
import { type Arrival, Autosave, type SaveAnswer } from "./autosave.ts";

/** A draft on a server that two can write. */
function draftAt(text: string, revision = 1) {
  return {
    text,
    revision,
    /** Somebody else saves. */
    write(other: string) {
      this.text = other;
      this.revision += 1;
    },
  };
}

function autosaveWhere(answers: (SaveAnswer | Promise<SaveAnswer>)[] = [], server = draftAt("a")) {
  const saved: [string, number][] = [];
  const states: string[] = [];
  const arrivals: [string, Arrival][] = [];
  let shown = server.text;
  const autosave = new Autosave({
    text: server.text,
    revision: server.revision,
    save: async (text, seen) => {
      saved.push([text, seen]);
      const answer = answers.shift();
      if (answer) {
        const given = await answer;
        if (given.ok) Object.assign(server, { text, revision: given.revision });
        return given;
      }
      if (seen !== server.revision) return { ok: false, code: "draft_moved_on", detail: "" };
      server.write(text);
      return { ok: true, revision: server.revision };
    },
    load: async () => ({ ok: true, text: server.text, revision: server.revision }),
    merge: mergeTexts,
    onState: (state) => states.push(state.kind),
    onArrival: (text, how) => {
      arrivals.push([text, how]);
      shown = text;
    },
  });
  const type = (text: string) => {
    shown = text;
    autosave.edited(text);
  };
  return { autosave, saved, states, arrivals, server, type, text: () => shown };
}

const base = JSON.stringify({ version: "1", default: "deny", tools: { a: {}, b: {} } }, null, 2);
const mine = base.replace('"a": {}', '"a": { "action": "deny" }');
const theirs = base.replace('"b": {}', '"b": { "action": "hide" }');
const theirsOfA = base.replace('"a": {}', '"a": { "action": "hide" }');

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

  it("takes over what was saved elsewhere when nothing is unsaved here", async () => {
    const { autosave, saved, arrivals, server } = autosaveWhere([], draftAt(base));
    server.write(theirs);
    await autosave.look();
    expect(arrivals).toEqual([[theirs, "taken"]]);
    expect(autosave.state.kind).toBe("saved");
    autosave.edited(theirs);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(saved).toEqual([]);
  });

  it("merges changes of two tools and saves the two as one", async () => {
    const { autosave, arrivals, server } = autosaveWhere([], draftAt(base));
    server.write(theirs);
    autosave.edited(mine);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(arrivals).toHaveLength(1);
    expect(arrivals[0]?.[1]).toBe("merged");
    expect(JSON.parse(server.text).tools).toEqual({ a: { action: "deny" }, b: { action: "hide" } });
    expect(autosave.state.kind).toBe("saved");
  });

  it("merges what it saw elsewhere only when the author pauses", async () => {
    const { autosave, arrivals, server } = autosaveWhere([], draftAt(base));
    autosave.edited(mine);
    server.write(theirs);
    await autosave.look();
    expect(arrivals).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(arrivals[0]?.[1]).toBe("merged");
    expect(JSON.parse(server.text).tools).toEqual({ a: { action: "deny" }, b: { action: "hide" } });
  });

  // Guards the promise that two authors never overwrite each other unseen.
  it("stops at a conflict, until the author keeps theirs", async () => {
    const { autosave, saved, server } = autosaveWhere([], draftAt(base));
    server.write(theirsOfA);
    autosave.edited(mine);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(saved).toHaveLength(1);
    expect(server.text).toBe(theirsOfA);
    expect(autosave.state).toEqual({ kind: "conflict", theirs: theirsOfA });
    expect(await autosave.flush()).toBe(false);
    expect(await autosave.keepMine()).toBe(true);
    expect(server.text).toBe(mine);
  });

  it("goes on from the other draft when the author loads it", async () => {
    const { autosave, arrivals, server } = autosaveWhere([], draftAt(base));
    server.write(theirsOfA);
    autosave.edited(mine);
    await vi.advanceTimersByTimeAsync(1_000);
    autosave.takeTheirs();
    expect(arrivals).toEqual([[theirsOfA, "chosen"]]);
    const next = theirsOfA.replace('"b": {}', '"b": { "action": "deny" }');
    autosave.edited(next);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.text).toBe(next);
    expect(autosave.state.kind).toBe("saved");
  });

  it("leaves a conflict by itself once the two fit: half a word cannot be merged, a whole one can", async () => {
    const { autosave, server } = autosaveWhere([], draftAt(base));
    server.write(theirs);
    autosave.edited(base.replace('"a": {}', '"a": { "acti'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(autosave.state.kind).toBe("conflict");
    autosave.edited(mine);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(autosave.state.kind).toBe("saved");
    expect(JSON.parse(server.text).tools).toEqual({ a: { action: "deny" }, b: { action: "hide" } });
  });

  it("offers the newest of several changes made elsewhere", async () => {
    const { autosave, server } = autosaveWhere([], draftAt(base));
    server.write(theirsOfA);
    autosave.edited(mine);
    await vi.advanceTimersByTimeAsync(1_000);
    const newer = theirsOfA.replace("hide", "require_approval");
    server.write(newer);
    await autosave.look();
    expect(autosave.state).toEqual({ kind: "conflict", theirs: newer });
    // They took their change back.
    server.write(base);
    await autosave.look();
    expect(autosave.state.kind).toBe("unsaved");
    expect(await autosave.flush()).toBe(true);
    expect(server.text).toBe(mine);
  });

  it("does not take its own save for somebody else's", async () => {
    const { autosave, arrivals } = autosaveWhere([], draftAt(base));
    autosave.edited(mine);
    await vi.advanceTimersByTimeAsync(1_000);
    await autosave.look();
    expect(arrivals).toEqual([]);
    expect(autosave.state.kind).toBe("saved");
  });

  it("loses nothing with two pages that edit at random", async () => {
    const server = draftAt(JSON.stringify({ version: "1", default: "deny", tools: {} }, null, 2));
    const pages = ["left", "right"].map((name) => ({ name, ...autosaveWhere([], server) }));
    for (let step = 0; step < 40; step += 1) {
      const page = pages[step % 3 === 0 ? 0 : 1];
      if (!page) continue;
      const document = JSON.parse(page.text());
      document.tools[`${page.name}_${step}`] = {};
      page.type(JSON.stringify(document, null, 2));
      await vi.advanceTimersByTimeAsync((step * 397) % 1_500);
      if (step % 4 === 0) await Promise.all(pages.map(({ autosave }) => autosave.look()));
    }
    await vi.advanceTimersByTimeAsync(10_000);
    for (const { autosave } of [...pages, ...pages]) {
      await autosave.look();
      await autosave.flush();
    }
    expect(Object.keys(JSON.parse(server.text).tools)).toHaveLength(40);
    expect(pages.map(({ autosave }) => autosave.state.kind)).toEqual(["saved", "saved"]);
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
