import { describe, expect, it } from "vitest";
import { argumentsDigest } from "../prisma/approval-arguments.ts";
import { type Bound, bindingOf } from "./binding.ts";

describe("the digest of arguments", () => {
  it.each([
    ["white space", '{"a":1,"b":[1,2]}', ' { "a" : 1 ,\n\t"b":[ 1 , 2 ] } '],
    ["the order of keys, at any depth", '{"a":{"x":1,"y":2},"b":2}', '{"b":2,"a":{"y":2,"x":1}}'],
    ["how a string is spelled", '{"path":"/tmp/é"}', '{"p\\u0061th":"\\/tmp\\/\\u00e9"}'],
  ])("does not see %s", (_, one, other) => {
    expect(argumentsDigest(one)).toBe(argumentsDigest(other));
  });

  it.each([
    ["one byte of a string", '{"path":"/tmp/a"}', '{"path":"/tmp/b"}'],
    ["a number that no double tells from the other", '{"id":9007199254740992}', '{"id":9007199254740993}'],
    ["a decimal past what a double holds", '{"n":0.1}', '{"n":0.1000000000000000055511151231257827}'],
    ["a number and its text", '{"n":1}', '{"n":"1"}'],
    ["the order of a list", '{"a":[1,2]}', '{"a":[2,1]}'],
    ["null and nothing", '{"a":null}', "{}"],
    ["where a value lies", '{"a":{"b":1}}', '{"a":{},"b":1}'],
    ["characters that only look alike", '{"é":1}', '{"e\\u0301":1}'],
  ])("sees %s", (_, one, other) => {
    expect(argumentsDigest(one)).not.toBe(argumentsDigest(other));
  });

  it("is not given to what can be read in two ways", () => {
    expect(() => argumentsDigest('{"a":1,"a":2}')).toThrow();
    expect(() => argumentsDigest('{"a":"\\ud800"}')).toThrow();
  });
});

describe("what an approval is bound to", () => {
  const bound: Bound = {
    ...{ grantId: "g", serverId: "s", tool: "t", argumentsDigest: "a" },
    ...{ definitionHash: "d", policyId: "p", policyVersion: 1 },
  };

  it("is each part of the call, and nothing can move from one part to another", () => {
    const others: Partial<Bound>[] = [
      ...[{ grantId: "g2" }, { serverId: "s2" }, { tool: "t2" }, { argumentsDigest: "a2" }, { definitionHash: "d2" }],
      ...[{ definitionHash: null }, { policyId: "p2" }, { policyVersion: 2 }],
      ...[
        { grantId: `g","s`, serverId: "" },
        { tool: "ta", argumentsDigest: "" },
      ],
    ];
    const all = [bound, ...others.map((other) => ({ ...bound, ...other }))].map(bindingOf);
    expect(new Set(all).size).toBe(all.length);
    expect(bindingOf({ ...bound })).toBe(all[0]);
  });
});
