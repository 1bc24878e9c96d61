import { describe, expect, it } from "vitest";
import { explain } from "../../policy/explain.ts";
import { parsePolicy } from "../../policy/parse.ts";
import { searchGroups, sentenceGroups } from "./sentence-groups.ts";

function groupsOf(document: object) {
  const parsed = parsePolicy(JSON.stringify(document));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return sentenceGroups(explain(parsed.policy));
}

const groups = groupsOf({
  version: "1",
  default: "deny",
  hide: ["vm_terminate"],
  all_tools: { limits: [{ counter: "calls", window: "minute", max: 60 }] },
  categories: { Read: {} },
  tools: {
    "odd: name/with~signs": { action: "deny" },
    "vm_*": { rate_limit: { max: 3, window: "hour" } },
    vm_create: {
      require: [{ conditions: [{ path: "args.type", op: "in", value: ["t3.micro"] }] }],
      limits: [{ counter: "rate", window: "minute", max: 10 }],
    },
  },
});

describe("the sentences of a policy", () => {
  it("stand under what they are about, in the order of the language", () => {
    expect(groups.map(({ pointer }) => pointer)).toEqual([
      "",
      "/all_tools",
      "/categories/Read",
      "/tools/odd: name~1with~0signs",
      "/tools/vm_*",
      "/tools/vm_create",
    ]);
  });

  it("do not repeat their subject", () => {
    expect(groups.at(-1)?.sentences.map(({ text }) => text)).toEqual([
      'Only when args.type is one of "t3.micro"',
      "At most 10 calls in any minute for each grant",
    ]);
    expect(groups[4]?.sentences[0]?.text).toMatch(/^At most 3 calls in any hour/);
  });

  it("show a name with colons, slashes and tildes as it was written", () => {
    expect(groups[3]).toMatchObject({ title: "odd: name/with~signs", sentences: [{ text: "Denied" }] });
  });

  it("lead to their places", () => {
    expect(groups.at(-1)?.sentences.map(({ pointer }) => pointer)).toEqual([
      "/tools/vm_create/require/0",
      "/tools/vm_create/limits/0",
    ]);
  });

  it("are found by a word of theirs, or all of them by the name above", () => {
    expect(searchGroups(groups, "vm_create").map(({ sentences }) => sentences.length)).toEqual([2]);
    expect(
      searchGroups(groups, "10 calls").flatMap(({ sentences }) => sentences.map(({ pointer }) => pointer)),
    ).toEqual(["/tools/vm_create/limits/0"]);
    expect(searchGroups(groups, "nothing like that")).toEqual([]);
  });
});
