import { describe, expect, it } from "vitest";
import { consequenceOf, type Outlook } from "./consequence.ts";

const now = new Date("2026-11-23T12:00:00Z");
const outlook: Outlook = {
  ...{ tool: "vm_create", category: "Write", serverName: "cloud", clientName: "claude-code" },
  ...{ heldUntil: null, now, moved: null, readable: true },
};

describe("what approving does", () => {
  it("is nothing yet where nobody waits: the agent has to ask again", () => {
    expect(consequenceOf(outlook)).toBe(
      "Nothing is done yet: claude-code has to make the same call again within 10 minutes. It then goes to cloud, and only once.",
    );
  });

  it("is the call itself, at once, where a client waits", () => {
    const heldUntil = new Date(now.getTime() + 1);
    expect(consequenceOf({ ...outlook, heldUntil })).toContain("vm_create goes to cloud at once");
    // Whoever waited until now waits no more.
    expect(consequenceOf({ ...outlook, heldUntil: now })).toContain("Nothing is done yet");
  });

  it("says what is at stake", () => {
    expect(consequenceOf({ ...outlook, category: "Destructive" })).toContain("for good");
    expect(consequenceOf({ ...outlook, category: "Financial" })).toContain("money");
  });

  it.each(["policy", "definition", "grant"] as const)("is nothing at all once the %s has moved", (moved) => {
    expect(consequenceOf({ ...outlook, moved })).toContain("no effect");
  });

  it("cannot be said of what nobody can read", () => {
    expect(consequenceOf({ ...outlook, readable: false })).toContain("cannot be approved");
  });
});
