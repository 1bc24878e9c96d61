import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { parseJson, plainValue } from "./json.ts";
import { isExactNumber } from "./number.ts";

// Hundreds of runs each, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

function faultOf(text: string): string {
  const { root, problems } = parseJson(text);
  expect(root, text).toBeNull();
  return problems.map(({ code, from, message }) => `${code}@${from}: ${message}`).join();
}

describe("reading JSON", () => {
  it("gives what JSON.parse gives, in every layout", () => {
    const value = fc.jsonValue({ maxDepth: 5 });
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2, "\t"), (json, indent) => {
        const text = JSON.stringify(json, null, indent);
        const { root, problems } = parseJson(text);
        expect(problems).toEqual([]);
        expect(root && plainValue(root)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it("refuses what JSON.parse refuses", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"a"',
      '"',
      "1",
      "-",
      ".5",
      "e3",
      "true",
      "nul",
      " ",
      "\\",
      "0",
      "'",
      "/",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = parts.join("");
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(parseJson(text).root !== null, text).toBe(isJson);
      }),
      { numRuns: 3_000 },
    );
  });

  it("names the fault and its place", () => {
    expect(faultOf("")).toMatch(/^syntax@0: the document is empty/);
    expect(faultOf('\ufeff{"a":1}')).toMatch(/^syntax@0: the text starts with a byte order mark/);
    expect(faultOf('{"a":1,}')).toMatch(/^syntax@6: nothing follows this comma/);
    expect(faultOf('{"a":[1,2,]}')).toMatch(/^syntax@9: nothing follows this comma/);
    expect(faultOf('{"a":1 // no\n}')).toMatch(/^syntax@7: JSON has no comments/);
    expect(faultOf('/* no */{"a":1}')).toMatch(/^syntax@0: JSON has no comments/);
    expect(faultOf("{'a':1}")).toMatch(/^syntax@1: JSON has double quotes only/);
    expect(faultOf('{"a":1')).toMatch(/^syntax@6: the document ends too early/);
    expect(faultOf('{"a":1}{}')).toMatch(/^syntax@7: something follows the end/);
    expect(faultOf('{"a" 1}')).toMatch(/^syntax@5: a colon is missing after `a`/);
    expect(faultOf('{"a":01}')).toMatch(/^syntax@5: this is no JSON number/);
    expect(faultOf('{"a":"x\ny"}')).toMatch(/^syntax@5: this text has no closing double quote/);
    expect(faultOf('{"a":"\\x"}')).toMatch(/^syntax@6: `\\x` is no escape/);
    expect(faultOf('{"a":NaN}')).toMatch(/^syntax@5: a value is missing/);
    expect(faultOf('{"a":1}\u00a0')).toMatch(/^syntax@7: something follows/);
  });

  it("finds every duplicate key, also one written with escapes and one in a condition's value", () => {
    const text = '{"a":1,"\\u0061":2,"b":[{"c":{"d":1,"d":2}}],"a":3}';
    const found = parseJson(text).problems.map(({ code, pointer, from, to }) => [code, pointer, text.slice(from, to)]);
    expect(found).toEqual([
      ["duplicate_key", "/a", '"\\u0061"'],
      ["duplicate_key", "/b/0/c/d", '"d"'],
      ["duplicate_key", "/a", '"a"'],
    ]);
  });

  it("keeps __proto__ as an own key", () => {
    const { root } = parseJson('{"__proto__":{"x":1}}');
    const value = root && plainValue(root);
    expect(Object.hasOwn(value as object, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"x":1}}');
  });

  it("stops at nesting 16", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(parseJson(nested(16)).problems).toEqual([]);
    expect(faultOf(nested(17))).toMatch(/^too_deep@16/);
    expect(faultOf("[".repeat(200_000))).toMatch(/^too_deep@16/);
  });
});

describe("a number literal", () => {
  it.each([
    "0",
    "-0",
    "1",
    "0.1",
    "1e3",
    "1E+3",
    "100000000000000000000",
    "1.50",
    "123456789012345",
    "5e-324",
    "0e99",
    "-1.5e-7",
  ])("%s is held exactly", (literal) => expect(isExactNumber(literal)).toBe(true));
  it.each(["9007199254740993", "1e400", "-1e999", "0.1000000000000000000001", "1e-400", "12345678901234567890"])(
    "%s is not",
    (literal) => expect(isExactNumber(literal)).toBe(false),
  );
  it("is held exactly when it is how a double is written", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => isExactNumber(JSON.stringify(value))),
    );
  });
});
