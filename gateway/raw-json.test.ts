import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementTexts } from "./raw-json.ts";

describe("the texts of a JSON array's elements", () => {
  it("are exactly as they were written", () => {
    const text =
      ' { "jsonrpc":"2.0", "result" : {"x":[1],"tools": [ {"a":1.0, "b" : 9007199254740993 } ,\n"\\u0061]", [ ], 1e5 , null]}}';
    expect(elementTexts(text, "result", "tools")).toEqual([
      '{"a":1.0, "b" : 9007199254740993 }',
      '"\\u0061]"',
      "[ ]",
      "1e5",
      "null",
    ]);
  });

  it("are none when there is no such array", () => {
    for (const text of ["{}", "[]", '{"result":1}', '{"result":{"tools":{}}}', "3", '""']) {
      expect(elementTexts(text, "result", "tools")).toEqual([]);
    }
    expect(elementTexts("[1,2]")).toEqual(["1", "2"]);
  });

  it("are those of the last of two equal keys, also when one is escaped", () => {
    expect(elementTexts('{"t":[1],"\\u0074":[2]}', "t")).toEqual(["2"]);
  });

  it("parse to what the whole parses to", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(3), (values, indent) => {
        const texts = elementTexts(JSON.stringify({ tools: values }, null, indent), "tools");
        expect(texts.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(values)));
      }),
    );
  });
});
