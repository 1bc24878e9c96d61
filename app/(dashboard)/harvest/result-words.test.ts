import { describe, expect, it } from "vitest";
import { resultWords } from "./result-words.ts";

describe("what came of a job", () => {
  it.each([
    ["npm", { tools: 3, version: "1.2.0", added: 3, changed: 0, removed: 0 }, "3 tools of version 1.2.0: 3 new."],
    ["npm", { tools: 1, added: 0, changed: 1, removed: 2 }, "1 tool: 1 changed and 2 gone."],
    ["url", { tools: 1_200, added: 0, changed: 0, removed: 0 }, "1,200 tools, as they were."],
    [
      "registry",
      { added: 10, updated: 2, unchanged: 1, unreadable: 3 },
      "10 new, 2 updated, 1 as they were and 3 could not be read.",
    ],
    ["registry", { added: 0, updated: 0, unchanged: 0, unreadable: 0 }, "It names no server."],
  ] as const)("%s %j", (kind, result, words) => {
    expect(resultWords({ kind, result, message: null })).toBe(words);
  });
});
