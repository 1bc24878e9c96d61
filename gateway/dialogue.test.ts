import { describe, expect, it } from "vitest";
import { DueRequests, isNowDue, leave, openDialogues } from "./dialogue.ts";

describe("requests whose answer is due", () => {
  it("are each known by their own id, in whatever order they come and go", () => {
    const due = new DueRequests();
    const named = (tool: string) => ({ isOpen: true, tool });
    due.set("1", named("a"));
    due.set("2", named("b"));
    due.set("3", named("c"));
    due.delete("1");
    due.set("2", named("B")); // where it was, although the first place is free now
    due.set("4", named("d"));
    const tools = () => ["1", "2", "3", "4"].map((id) => due.get(id)?.tool);
    expect(tools()).toEqual([undefined, "B", "c", "d"]);
    expect(due.size).toBe(3);
    due.delete("2");
    due.delete("2");
    due.delete("4");
    expect(tools()).toEqual([undefined, undefined, "c", undefined]);
    expect(due.size).toBe(1);
  });

  it("are under way once at a time", () => {
    const dialogue = openDialogues().of("tag");
    expect(isNowDue(dialogue, "1", null)).toBe(true);
    expect(isNowDue(dialogue, "2", "read")).toBe(true);
    expect([isNowDue(dialogue, "1", null), isNowDue(dialogue, "2", null)]).toEqual([false, false]);
    leave(dialogue, "1");
    leave(dialogue, "2");
    expect(dialogue.due.get("2")).toEqual({ isOpen: false, tool: "read" }); // may still come by another stream
    expect([isNowDue(dialogue, "1", null), isNowDue(dialogue, "2", null)]).toEqual([true, true]);
  });

  it("are forgotten when there are very many, but for those that somebody waits for", () => {
    const dialogue = openDialogues().of("tag");
    for (let id = 0; id < 1_024; id += 1) {
      isNowDue(dialogue, String(id), null);
      if (id % 2 === 0) leave(dialogue, String(id));
    }
    expect(isNowDue(dialogue, "new", null)).toBe(true);
    expect(dialogue.due.size).toBe(513);
    expect(["0", "1", "2", "new"].map((id) => dialogue.due.get(id) !== undefined)).toEqual([false, true, false, true]);
  });
});
