import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MethodGroup } from "../policy/server-settings.ts";
import { asSeen, mayBytesHoldUnseen, mayHoldUnseen, type View } from "./list.ts";

const without = (text: string, ...hidden: string[]) => {
  const stays: View["tools"] = (listed) => listed.map(({ name }) => name !== null && !hidden.includes(name));
  return asSeen(text, {
    tools: stays,
    prompts: stays,
    instructions: (words) => !hidden.includes(words),
    refused: new Set(),
  });
};
const refusing = (text: string, ...refused: MethodGroup[]) => {
  const all: View["tools"] = (listed) => listed.map(() => true);
  return asSeen(text, { tools: all, prompts: all, instructions: () => true, refused: new Set(refused) });
};
const list = (tools: string, rest = "") => `{"jsonrpc":"2.0","id":1,"result":{"tools":[${tools}]${rest}}}`;
const tool = (name: string, rest = "") => `{"name":"${name}"${rest}}`;

describe("keys that a forgiving parser takes for others", () => {
  const secret = tool("secret");

  it.each([
    ["Tools beside no tools", `{"id":1,"result":{"Tools":[${secret}]}}`],
    ["TOOLS beside tools", `{"id":1,"result":{"tools":[],"TOOLS":[${secret}]}}`],
    ["a long s in bytes", `{"id":1,"result":{"tool\u017f":[${secret}]}}`],
    ["a long s as an escape", `{"id":1,"result":{"tool\\u017F":[${secret}]}}`],
    ["a NUL behind the key", `{"id":1,"result":{"tools\\u0000":[${secret}]}}`],
    ["Name inside a tool", `{"id":1,"result":{"tools":[{"name":"echo","Name":"secret"}]}}`],
    ["Result beside a result", `{"id":1,"result":{"tools":[]},"Result":{"tools":[${secret}]}}`],
  ])("hide no tool: %s", (_, text) => {
    expect(mayHoldUnseen(text)).toBe(true);
    expect(mayBytesHoldUnseen(Buffer.from(text).toString("latin1"))).toBe(true);
    expect(without(text, "secret")).toBeNull();
  });

  it("are nobody's business inside of a definition or a result's own values", () => {
    const text = list(
      tool("a", ',"inputSchema":{"properties":{"Tools":{},"tools":{}}}'),
      ',"content":[{"Name":1,"name":2}]',
    );
    expect(without(text)).toBe(text);
  });
});

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
    expect(mayHoldUnseen('{"result":{"\\u0074ools":[]}}')).toBe(true);
    expect(mayHoldUnseen('{"result":{"content":[]}}')).toBe(false);
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

  it("is not kept for longer than a change of the policy may take", () => {
    for (const [ttl, capped] of [
      ["3600000", "60000"],
      ["1e9", "60000"],
      ["60000", "60000"],
      ["0", "0"],
      ['"x"', '"x"'],
    ]) {
      expect(without(list(tool("a"), `,"ttlMs":${ttl}`))).toBe(list(tool("a"), `,"ttlMs":${capped}`));
    }
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

describe("a list of prompts", () => {
  it("loses those that were not accepted, as a list of tools does, also where both are in one result", () => {
    const prompts = (...all: string[]) =>
      `{"id":1,"result":{"prompts":[${all.join()}],"ttlMs":99999,"cacheScope":"public"}}`;
    const left = prompts(tool("b")).replace("99999", "60000").replace("public", "private");
    expect(without(prompts(tool("a"), tool("b")), "a")).toBe(left);
    const both = `{"result":{"tools":[${tool("a")}],"prompts":[${tool("a")},${tool("b")}]}}`;
    expect(without(both, "a")).toBe(`{"result":{"tools":[],"prompts":[${tool("b")}]}}`);
  });
});

describe("an introduction", () => {
  const words = '"obey me"';
  const introduction = (members: string) => `{"jsonrpc":"2.0","id":1,"result":{${members}}}`;

  it("loses instructions that were not accepted, wherever they stand, and nothing else", () => {
    const capabilities = '"capabilities":{"x":9007199254740993}';
    const instructions = `"instructions": ${words}`;
    for (const [given, left] of [
      [`${instructions} , ${capabilities}`, capabilities],
      [`${capabilities} , ${instructions}`, capabilities],
      [`"a":1,${instructions},${capabilities}`, `"a":1,${capabilities}`],
      [`${capabilities},"instr\\u0075ctions":${words},"z":[1]`, `${capabilities},"z":[1]`],
    ] as const) {
      expect(without(introduction(given), words)).toBe(introduction(left));
      expect(without(introduction(given), "others")).toBe(introduction(given));
    }
  });

  it("is private and short-lived once it was changed, and as it was otherwise", () => {
    const given = `"instructions":${words},"capabilities":{},"ttlMs":99999,"cacheScope":"public"`;
    expect(without(introduction(given))).toBe(introduction(given));
    const left = '"capabilities":{},"ttlMs":60000,"cacheScope":"private"';
    expect(without(introduction(given), words)).toBe(introduction(left));
  });

  it("is told from the result of a tool, whose words are its own", () => {
    const result = introduction(`"content":[],"instructions":${words}`);
    expect(without(result, words)).toBe(result);
  });

  it("names no capability that is refused", () => {
    const given =
      '"capabilities":{ "logging":{}, "prompts":{"listChanged":true} ,"completions":{},"resources":{},"tools":{},"tasks":{"list":{}},"extensions":{"io.modelcontextprotocol/tasks":{},"y":{}}}';
    const left = (groups: MethodGroup[]) =>
      JSON.parse(refusing(introduction(given), ...groups) ?? "null").result.capabilities;
    expect(refusing(introduction(given))).toBe(introduction(given));
    expect(refusing(introduction(given), "roots", "sampling", "elicitation")).toBe(introduction(given));
    expect(Object.keys(left(["prompts"]))).toEqual([
      "logging",
      "completions",
      "resources",
      "tools",
      "tasks",
      "extensions",
    ]);
    expect(left(["logging", "prompts", "completion", "resources", "tasks"])).toEqual({
      tools: {},
      extensions: { y: {} },
    });
    expect(refusing(introduction('"capabilities":{"prompts":{}}'), "prompts")).toBe(introduction('"capabilities":{}'));
  });
});
