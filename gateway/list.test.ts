import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mayHoldTools, withoutUnshownTools } from "./list.ts";

const without = (text: string, ...hidden: string[]) => withoutUnshownTools(text, (name) => !hidden.includes(name));
const list = (tools: string, rest = "") => `{"jsonrpc":"2.0","id":1,"result":{"tools":[${tools}]${rest}}}`;
const tool = (name: string, rest = "") => `{"name":"${name}"${rest}}`;

describe("a list of tools", () => {
  it("loses the tools that the caller may not see, wherever they stand", () => {
    const [a, b, c] = [tool("a"), tool("b"), tool("c")];
    expect(without(list(`${a},${b},${c}`), "a")).toBe(list(`${b},${c}`));
    expect(without(list(`${a},${b},${c}`), "b")).toBe(list(`${a},${c}`));
    expect(without(list(`${a},${b},${c}`), "c")).toBe(list(`${a},${b}`));
    expect(without(list(`${a},${b},${c}`), "a", "b")).toBe(list(c));
    expect(without(list(`${a},${b},${c}`), "a", "c")).toBe(list(b));
    expect(without(list(`${a},${b},${c}`), "a", "b", "c")).toBe(list(""));
  });

  it("keeps every other byte: fields nobody knows, big numbers, white space, the cursor", () => {
    const kept = '{ "name" : "b", "x":12345678901234567890, "y" : 1.0, "inputSchema":{"a":["]}\\"",{}]}, "name2":"a"}';
    const text = ` { "result" : { "nextCursor":"" , "tools" : [ ${tool("a")} ,\n ${kept} ] , "n":9007199254740993 } , "id":1.0 }\n`;
    expect(without(text, "a")).toBe(text.replace(`[ ${tool("a")} ,\n ${kept} ]`, `[${kept}]`));
  });

  it("is the very same text when nothing is hidden", () => {
    const text = list(`${tool("a")},${tool("b")}`, ',"x":1e999');
    expect(without(text, "z")).toBe(text);
    expect(without('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}', "a")).toBe(
      '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}',
    );
  });

  it("hides by the name that a client reads, however it is spelled", () => {
    expect(without(list('{"n\\u0061me":"\\u0061"}'), "a")).toBe(list(""));
    expect(without('{"r\\u0065sult":{"\\u0074ools":[{"name":"a"}]}}', "a")).toBe('{"r\\u0065sult":{"\\u0074ools":[]}}');
    expect(mayHoldTools('{"result":{"\\u0074ools":[]}}')).toBe(true);
    expect(mayHoldTools('{"result":{"content":[]}}')).toBe(false);
  });

  it("loses what is no tool with a name", () => {
    expect(without(list(`1,null,"a",[],{},{"name":1},${tool("b")}`))).toBe(list(tool("b")));
  });

  it("is filtered in every message of an array", () => {
    const pong = '{"jsonrpc":"2.0","id":2,"result":{}}';
    expect(without(`[${pong},${list(tool("a"))}]`, "a")).toBe(`[${pong},${list("")}]`);
  });

  it("is not kept for other callers", () => {
    expect(without(list(tool("a"), ',"cacheScope":"public","ttlMs":5'))).toBe(
      list(tool("a"), ',"cacheScope":"private","ttlMs":5'),
    );
    expect(without(list(tool("a"), ',"cacheScope":"private"'), "a")).toBe(list("", ',"cacheScope":"private"'));
  });

  it("is refused when a client might read it in another way", () => {
    for (const text of [
      '{"result":{"tools":[]},"result":{"tools":[{"name":"a"}]}}',
      '{"result":{"tools":[],"tools":[{"name":"a"}]}}',
      '{"result":{"tools":[],"t\\u006fols":[{"name":"a"}]}}',
      list('{"name":"b","name":"a"}'),
      list(`${tool("a")},NaN`),
      list(tool("a")).slice(0, -1),
      "",
    ]) {
      expect(without(text, "a")).toBeNull();
    }
  });

  it("is walked as JSON.parse reads it", () => {
    const member = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
    const anyTool = fc.tuple(fc.constantFrom("a", "b", 'q"\\', "ü"), member).map(([name, rest]) => ({ ...rest, name }));
    fc.assert(
      fc.property(fc.array(anyTool), member, fc.constantFrom(0, 1, "\t"), (tools, rest, indent) => {
        const text = JSON.stringify({ id: 1, result: { ...rest, tools, cacheScope: "private" } }, null, indent);
        const kept = tools.filter(({ name }) => name === "b" || name === "ü");
        const expected = JSON.parse(JSON.stringify({ id: 1, result: { ...rest, tools: kept, cacheScope: "private" } }));
        expect(JSON.parse(without(text, "a", 'q"\\') ?? "null")).toEqual(expected);
      }),
    );
  });
});
