import { expect, it } from "vitest";
import { exposure } from "./exposure.ts";
import { parsePolicy } from "./parse.ts";

it("counts what a grant can reach, and how bad it is", () => {
  const limits = [{ counter: "c", window: "day", max: 1 }];
  const parsed = parsePolicy(
    JSON.stringify({
      version: "1",
      default: "deny",
      hide: ["wipe"],
      tools: { list: {}, make: { limits }, pay: { action: "require_approval" }, wipe: {} },
    }),
  );
  if (!parsed.ok) throw new Error("no policy");
  const tools = [
    { name: "list", category: "Read", severity: "low" },
    { name: "make", category: "Write", severity: "medium" },
    { name: "pay", category: "Financial", severity: "critical" },
    { name: "wipe", category: "Destructive", severity: "critical" },
    { name: "unknown", category: "Other", severity: "high" },
  ] as const;
  expect(exposure(parsed.policy, tools)).toEqual({
    callable: 3,
    of: 5,
    freely: 1,
    underConditions: 1,
    withApproval: 1,
    never: 2,
    bySeverity: { low: 1, medium: 1, high: 0, critical: 1 },
  });
});
