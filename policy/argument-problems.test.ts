import { describe, expect, it } from "vitest";
import { argumentProblems } from "./argument-problems.ts";

const schema = {
  type: "object",
  properties: {
    size: { enum: ["small", "large"] },
    count: { type: "integer", minimum: 1, maximum: 9 },
    name: { type: "string", maxLength: 5 },
    tags: { type: "array", items: { $ref: "#/$defs/tag" }, maxItems: 2 },
    either: { anyOf: [{ type: "string" }, { type: "null" }] },
  },
  required: ["size"],
  additionalProperties: false,
  $defs: { tag: { type: "object", properties: { key: { type: "string" } }, required: ["key"] } },
};

describe("what a tool's input schema has against arguments", () => {
  it.each([
    [{ size: "small", count: 3, name: "abc", tags: [{ key: "a" }], either: null }, []],
    [{}, [["", "lacks `size`"]]],
    [{ size: "medium" }, [["/size", 'must be one of `"small"`, `"large"`']]],
    [{ size: "small", count: 0 }, [["/count", "must be 1 or more"]]],
    [{ size: "small", count: "3" }, [["/count", "must be a whole number"]]],
    [{ size: "small", name: "abcdef" }, [["/name", "must have 5 characters or fewer"]]],
    [{ size: "small", tags: [{}] }, [["/tags/0", "lacks `key`"]]],
    [{ size: "small", either: 1 }, [["/either", "fits none of the forms that the tool takes"]]],
    [{ size: "small", colour: "red" }, [["/colour", "is not an argument of the tool"]]],
    [[], [["", "must be an object"]]],
  ])("of %j is said with its place", (args, expected) => {
    expect(argumentProblems(schema, args).map(({ pointer, message }) => [pointer, message])).toEqual(expected);
  });

  it.each([undefined, null, true, "x", [], { type: "nonsense" }, { $ref: "https://example.com/x" }, { $ref: "#" }])(
    "is nothing when the schema cannot be read: %j",
    (odd) => {
      expect(argumentProblems(odd, { a: 1 })).toEqual([]);
    },
  );

  it("takes no time over a schema made to take long", () => {
    let bomb: unknown = { type: "string" };
    for (let depth = 0; depth < 40; depth += 1) bomb = { anyOf: [bomb, bomb, bomb], allOf: [bomb, bomb] };
    const startedAt = performance.now();
    argumentProblems(bomb, {});
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
