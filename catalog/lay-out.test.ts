import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut } from "./lay-out.ts";

describe("a definition laid out", () => {
  it("is what JSON.stringify would write, with its keys in order", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        expect(layOut(JSON.stringify(values.map((x) => ({ x }))))).toBeTypeOf("string");
        expect(JSON.parse(layOut(JSON.stringify(values)))).toEqual(JSON.parse(JSON.stringify(values)));
      }),
    );
    const value = { a: [1, { b: {} }, []], c: '"{,:}"', d: null };
    expect(layOut(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
  });

  it("keeps digits that no number can hold", () => {
    expect(layOut('{"b":9007199254740993,"a":1.0}')).toBe('{\n  "a": 1.0,\n  "b": 9007199254740993\n}');
  });

  it("stays as it was sent when it can be read in two ways", () => {
    expect(layOut('{"a":1,"a":2}')).toBe('{"a":1,"a":2}');
  });
});
