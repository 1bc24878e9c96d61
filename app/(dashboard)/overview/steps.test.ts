import { describe, expect, it } from "vitest";
import { type Inventory, onboardingSteps } from "./steps.ts";

const nothing: Inventory = { servers: [], policies: [], grants: [], anyCall: false };
const server = { id: "s", name: "tmux-claude", createdAt: "" };
const policy = { id: "p", serverId: "s" };
const grant = { id: "g", serverId: "s", policyId: "p", status: "active" };

const states = (inventory: Inventory) => onboardingSteps(inventory).map((step) => step.state);

describe("onboarding", () => {
  it("goes through its steps one by one", () => {
    expect(states(nothing)).toEqual(["next", "later", "later", "later"]);
    expect(states({ ...nothing, servers: [server] })).toEqual(["done", "next", "later", "later"]);
    expect(states({ ...nothing, servers: [server], policies: [policy] })).toEqual(["done", "done", "next", "later"]);
    const ready = { ...nothing, servers: [server], policies: [policy], grants: [grant] };
    expect(states(ready)).toEqual(["done", "done", "done", "next"]);
    expect(states({ ...ready, anyCall: true })).toEqual(["done", "done", "done", "done"]);
  });

  it("does not count a grant that no agent can work with", () => {
    for (const useless of [
      { ...grant, policyId: null },
      { ...grant, status: "revoked" },
      { ...grant, status: "expired" },
    ]) {
      expect(states({ ...nothing, servers: [server], policies: [policy], grants: [useless] })[2]).toBe("next");
    }
  });

  it("leads to the server that is there", () => {
    const steps = onboardingSteps({ ...nothing, servers: [server], policies: [policy] });
    expect(steps.map((step) => step.href)).toEqual([
      "/servers/new",
      "/servers/s?tab=policies",
      "/servers/s?tab=grants",
      "/calls",
    ]);
  });
});
