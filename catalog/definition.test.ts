import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalDefinition, DefinitionError, depthMax } from "./definition.ts";

describe("the canonical text of a definition", () => {
  it("sorts keys at every depth by UTF-16 code units and drops white space", () => {
    expect(canonicalDefinition(' { "b" : [ { "z":1, "a":2 } ] ,\n"a":{}, "": [] }')).toBe(
      '{"":[],"a":{},"b":[{"a":2,"z":1}]}',
    );
    // U+10000 is written with surrogates, which sort before U+FFFF although the code point is higher.
    expect(canonicalDefinition('{"\uffff":1,"\u{10000}":2}')).toBe('{"\u{10000}":2,"\uffff":1}');
  });

  it("keeps number literals exactly as written", () => {
    const numbers = "[1,1.0,-0,1e5,1E+5,12345678901234567890,0.1000,9007199254740993]";
    expect(canonicalDefinition(numbers)).toBe(numbers);
    expect(canonicalDefinition('{"maximum":9007199254740993}')).not.toBe(
      canonicalDefinition('{"maximum":9007199254740992}'),
    );
  });

  it("writes string escapes in one way only", () => {
    const raw = String.raw`"\u0041\/\u00e9\u000a\u001f\u2028\ud83d\ude00\"\\"`;
    expect(canonicalDefinition(raw)).toBe(`"A/é\\n\\u001f\u2028😀\\"\\\\"`);
    expect(canonicalDefinition(String.raw`{"n\u0061me":1}`)).toBe('{"name":1}');
  });

  it("keeps keys that mean something to JavaScript", () => {
    const raw = '{"__proto__":1,"constructor":2,"toString":3}';
    expect(canonicalDefinition(raw)).toBe(raw);
  });

  it("refuses what two parsers could read differently", () => {
    const refused = [
      "",
      " ",
      "{",
      "[1,]",
      '{"a":1,}',
      "{a:1}",
      "01",
      "1.",
      ".5",
      "+1",
      "NaN",
      "nul",
      "[1] 2",
      "'a'",
      '"\t"',
      '"a',
      '"\\x41"',
      '"\\u12"',
      String.raw`"\ud800"`,
      '"\ud800"',
      "[1 2]",
      '{"a" 1}',
      "\ufeff{}",
      "/* */1",
      "\u00a01",
      "-",
      '{"a":1,"a":2}',
      String.raw`{"a":1,"\u0061":2}`,
      '{"x":{"k":1,"k":1}}',
    ];
    for (const raw of refused) expect(() => canonicalDefinition(raw), raw).toThrow(DefinitionError);
  });

  it("refuses nesting that would overflow the stack of a careless reader", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(canonicalDefinition(nested(depthMax))).toBe(nested(depthMax));
    expect(() => canonicalDefinition(nested(depthMax + 1))).toThrow(DefinitionError);
    expect(() => canonicalDefinition("[".repeat(1_000_000))).toThrow(DefinitionError);
  });

  it("means the same as the text it was given, and is its own canonical text", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.nat(3), (raw, indent) => {
        const parsed = JSON.parse(raw);
        const canonical = canonicalDefinition(JSON.stringify(parsed, null, indent));
        expect(JSON.parse(canonical)).toEqual(parsed);
        expect(canonicalDefinition(canonical)).toBe(canonical);
      }),
    );
  });

  it("is fast on large definitions", () => {
    const large = JSON.stringify({
      description: "x\n".repeat(500_000),
      list: Array.from({ length: 50_000 }, (_, i) => i),
    });
    const start = performance.now();
    canonicalDefinition(large);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
