import { describe, expect, it } from "vitest";
import { bodyBytesMax, documentText, exactMember, parseStrictly, readJsonBody } from "./json-body.ts";
import { Refusal } from "./refusals.ts";

const parse = (text: string) => parseStrictly(Buffer.from(text));

function request(body: BodyInit, type = "application/json"): Request {
  return new Request("http://127.0.0.1/", { method: "POST", body, headers: { "content-type": type } });
}

describe("a body", () => {
  it("is JSON, with its text kept", () => {
    expect(parse('{"a":[1,{"b":"x"}],"c":null}')).toEqual({
      value: { a: [1, { b: "x" }], c: null },
      text: '{"a":[1,{"b":"x"}],"c":null}',
    });
  });

  it.each([
    ['{"a":1,"a":2}', "/a"],
    ['{"x":[{},{"k/~":{"b":1,"c":[],"b":2}}]}', "/x/1/k~1~0/b"],
    ['{"a":1,"\\u0061":2}', "/a"],
    ['{"a":{"a":1},"b":[1,2,{"a":1}],"b":0}', "/b"],
  ])("with a key twice is refused at the place: %s", (text, pointer) => {
    const refusal = parse(text);
    expect(refusal).toMatchObject({ code: "invalid_json", more: { errors: [{ pointer, message: "is there twice" }] } });
  });

  it("may use one key in several objects", () => {
    expect(parse('{"a":{"a":{"a":[{"a":1},{"a":2}]}},"b":"a"}')).not.toBeInstanceOf(Refusal);
  });

  it("that Postgres could not store is refused, not broken on", () => {
    expect(parse('{"name":"a\\u0000b"}')).toMatchObject({ more: { errors: [{ pointer: "/name" }] } });
    expect(parse('{"name":"a\\ud800b"}')).toMatchObject({ more: { errors: [{ pointer: "/name" }] } });
    expect(parse('{"name":"a\\ud83d\\ude00b"}')).not.toBeInstanceOf(Refusal);
  });

  it("nested without end does not exhaust the stack", () => {
    expect(parse("[".repeat(100_000) + "]".repeat(100_000))).toMatchObject({ code: "invalid_json" });
  });

  it.each(["", "{", "{a:1}", "{'a':1}", "[1,]", "// x\n1", "{}{}", "\ufeff{}x", "NaN"])(
    "that is not JSON is refused: %j",
    (text) => {
      expect(parse(text)).toMatchObject({ code: "invalid_json" });
    },
  );

  it("that is not UTF-8 is refused", () => {
    expect(parseStrictly(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ code: "invalid_json" });
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/json; application/json"])(
    "of type %s is not read",
    async (type) => expect(await readJsonBody(request("{}", type))).toMatchObject({ code: "unsupported_media_type" }),
  );

  it("is read up to its limit and no further, also when its length is not said", async () => {
    const exactly = `"${"x".repeat(bodyBytesMax - 2)}"`;
    expect(await readJsonBody(request(exactly, "application/json; charset=utf-8"))).not.toBeInstanceOf(Refusal);
    expect(await readJsonBody(request(`${exactly} `))).toMatchObject({ code: "body_too_large" });
  });
});

describe("the text of a policy in a body", () => {
  it("is the string as written", () => {
    expect(documentText({ value: {}, text: "{}" }, '{ "version":"1"}')).toBe('{ "version":"1"}');
  });

  it("is an object's own characters, laid out: order, large numbers and odd keys stay", () => {
    const text =
      '{"name":"x","document":{"version":"1","tools":{"10":{},"2":{},"__proto__":{"max":1e400}},"max":9007199254740993}}';
    const body = { value: JSON.parse(text), text };
    expect(documentText(body, body.value.document)).toBe(`{
  "version": "1",
  "tools": {
    "10": {},
    "2": {},
    "__proto__": {
      "max": 1e400
    }
  },
  "max": 9007199254740993
}`);
  });
});

describe("a body that somebody wrote to stop the process", () => {
  // Generous milliseconds of processor time: they tell quadratic from linear, not fast from slow.
  it.each([
    ["a policy of many tokens", `[${"1,".repeat(100_000)}1]`],
    ["a policy of many tokens, deeply nested", `${"[".repeat(50)}${"1,".repeat(100_000)}1${"]".repeat(50)}`],
    ["a policy of two million characters", `[${"1,".repeat(900_000)}1]`],
  ])(
    "with %s is laid out or left alone quickly",
    (_, document) => {
      const text = `{"document":{"x":${document}}}`;
      const start = process.cpuUsage();
      const body = parse(text);
      if (body instanceof Refusal) throw new Error(body.code);
      expect(documentText(body, JSON.parse(text).document)).toContain("1");
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1_000).toBeLessThan(5_000);
    },
    60_000,
  );
});

describe("the arguments of a simulated call", () => {
  it("are what the gateway would read: numbers that a double cannot hold are NaN, odd keys stay", () => {
    const text = '{"arguments":{"a":[0.1,9007199254740993,{"b":1e400}],"__proto__":{"c":true},"d":null},"x":1}';
    const read = exactMember({ value: JSON.parse(text), text }, "arguments") as Record<string, unknown>;
    expect(read.a).toEqual([0.1, Number.NaN, { b: Number.NaN }]);
    expect(Object.keys(read)).toEqual(["a", "__proto__", "d"]);
    expect(exactMember({ value: {}, text: "{}" }, "arguments")).toBeUndefined();
  });
});
