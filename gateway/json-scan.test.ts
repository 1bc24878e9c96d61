import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { depthMax, keysMax, type Message, parseArguments, scanMessage } from "./json-scan.ts";

const scan = (text: string | Buffer) => scanMessage(typeof text === "string" ? Buffer.from(text) : text);

function accepted(text: string): Message {
  const answer = scan(text);
  if (!answer.ok) throw new Error(`refused: ${answer.message}`);
  return answer.message;
}

function refused(text: string | Buffer): { code: number; message: string; id: string | null } {
  const answer = scan(text);
  if (answer.ok) throw new Error(`accepted: ${text.toString("utf8")}`);
  return answer;
}

/** A tools/call whose params hold this JSON text as the arguments. */
const call = (args: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":${args}}}`;

const argumentsOf = (args: string) => parseArguments(Buffer.from(call(args)), accepted(call(args)));

describe("the scan of a message", () => {
  it("refuses more keys than can be compared before others have to wait", () => {
    const keys = (count: number) => `{${Array.from({ length: count }, (_, at) => `"k${at}":0`).join(",")}}`;
    // jsonrpc, id, method, params, name and arguments are keys as well.
    expect(accepted(call(keys(keysMax - 6))).name).toBe("read");
    expect(refused(call(keys(keysMax - 5)))).toMatchObject({ code: -32700 });
  });

  it("finds what the gateway decides by", () => {
    const text = ` {"jsonrpc" : "2.0", "id":"a\\n", "method":"tools/call", "params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
      "io.modelcontextprotocol/clientInfo":{"name":"ünï"}},"name":"r\\u0065ad","arguments":{"path":"/tmp"}}}\n`;
    const message = accepted(text);
    expect(message).toMatchObject({ kind: "request", id: '"a\\n"', method: "tools/call", name: "read" });
    expect(message).toMatchObject({ metaVersion: "2026-07-28", clientName: "ünï" });
    expect(Buffer.from(text).subarray(message.argumentsStart, message.argumentsEnd).toString()).toBe('{"path":"/tmp"}');
  });

  it("reads a key written with escapes as that key, as every parser does", () => {
    expect(accepted('{"jsonrpc":"2.0","id":1,"m\\u0065thod":"tools/call","params":{"n\\u0061me":"read"}}').name).toBe(
      "read",
    );
  });

  it("tells requests, notifications and responses apart", () => {
    expect(accepted('{"jsonrpc":"2.0","id":7,"method":"ping"}').kind).toBe("request");
    expect(accepted('{"jsonrpc":"2.0","method":"notifications/initialized"}').kind).toBe("notification");
    expect(accepted('{"jsonrpc":"2.0","id":7,"result":{}}').kind).toBe("response");
    expect(accepted('{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":""}}').kind).toBe("response");
  });

  it("reads absent arguments as an empty object", () => {
    const text = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read"}}';
    expect(parseArguments(Buffer.from(text), accepted(text))).toEqual({});
  });
});

describe("what two parsers could read differently", () => {
  const twice: [what: string, text: string][] = [
    ["the tool's name", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nope","name":"real"}}'],
    ["the name, once escaped", '{"jsonrpc":"2.0","id":1,"method":"m","params":{"name":"a","n\\u0061me":"b"}}'],
    ["the name, escaped first", '{"jsonrpc":"2.0","id":1,"method":"m","params":{"\\u006eame":"a","name":"b"}}'],
    ["the method", '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}'],
    ["params", '{"jsonrpc":"2.0","id":1,"method":"ping","params":{},"params":{"name":"x"}}'],
    ["a key deep in the arguments", call('{"a":[{"b":{"c":1,"c":2}}]}')],
    ["a key outside the arguments", '{"jsonrpc":"2.0","id":1,"method":"m","params":{"x":[{"b":1,"b":1}]}}'],
    ["the empty key", call('{"":1,"":2}')],
    ["__proto__", call('{"__proto__":1,"__proto__":2}')],
    ["a key that is not ASCII", call('{"ä":1,"\\u00e4":2}')],
    ["a key written as surrogates", call('{"😀":1,"\\ud83d\\ude00":2}')],
    ["the ninth key", call('{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"a":2}')],
    ["the ninth key, escaped", call('{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"\\u0061":2}')],
    ["the last of many keys", call(`{${Array.from({ length: 500 }, (_, i) => `"k${i}":0`).join()},"k3":1}`)],
    ["an argument in another case", call('{"path":"/ok","Path":"/etc"}')],
    ["an argument with a Kelvin sign", call('{"k":1,"\u212a":2}')],
    ["an argument with a long s", call('{"paths":1,"path\u017f":2}')],
    ["an argument in full width", call('{"path":1,"ｐath":2}')],
    ["an argument with a NUL behind", call('{"path":1,"path\\u0000":2}')],
    ["an argument with a zero-width space", call('{"path":1,"pa\u200bth":2}')],
    ["an argument with the other sigma", call('{"σ":1,"ς":2}')],
    ["an argument with a dotless i", call('{"id":1,"ıd":2}')],
    ["an argument with a dotted I", call('{"id":1,"İD":2}')],
    ["an argument with a DEL", call('{"path":1,"path\u007f":2}')],
  ];
  it.each(twice)("is refused: %s given twice", (_, text) => {
    expect(refused(text)).toMatchObject({ code: -32700 });
  });

  const lookAlikes = [
    '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","PARAMS":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","method\\u0000":"tools/call"}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","param\u017f":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"Name":"x"}}',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"name":"x","argument\u017f":{}}}',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"ta\u017f\u212a":{}}}',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"urı":"x"}}',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"_META":{}}}',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"io.modelcontextprotocol/protocolversion":"2026-07-28"}}}',
  ];
  it.each(lookAlikes)("is refused: a key that only looks like a known one, %s", (text) => {
    expect(refused(text)).toMatchObject({ code: -32600, message: expect.stringContaining("looks like") });
  });

  it.each([
    '{"jsonrpc":"2.0","id":1,"method\\u0000x":"tools/call","method":"ping"}',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"name\\u0000x":"drop","name":"echo"}}',
    call('{"path\\u0000x":"/etc","path":"/ok"}'),
    call('{"deep":[{"path\\u0000":"/etc"}]}'),
  ])("is refused: a key that ends at a NUL for a parser written in C, %s", (text) => {
    expect(refused(text)).toMatchObject({ code: -32600, message: expect.stringContaining("NUL") });
  });

  it("lets keys through that are merely alike where nothing hangs on them", () => {
    accepted('{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"x":1,"X":2},"extra":{"a":1,"A":2}},"vendor":1}');
    accepted(call('{"Name":"x","METHOD":"y","paths":1,"path":2}'));
    accepted(call('{"a":{"x":1},"b":{"x":1}}'));
  });
});

describe("text that is not strict JSON", () => {
  const texts = [
    "",
    " ",
    "{",
    '{"jsonrpc"',
    '{"jsonrpc":',
    '{"jsonrpc":"2.0',
    "{}x",
    "{}{}",
    "{,}",
    '{"a":1,}',
    '{"a" 1}',
    "{'a':1}",
    "{a:1}",
    '{"a":undefined}',
    "// hi\n{}",
    "null",
    '"x"',
    "1",
  ];
  it.each(texts)("is refused: %j", (text) => {
    expect(refused(text).code).toBe(-32700);
  });

  const values = ["01", "-01", "1.", ".5", "+1", "-", "1e", "1e+", "0x10", "NaN", "Infinity", "-Infinity", "1_000"];
  const words = [
    "tru",
    "True",
    "nul",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[",
    '{"a":1',
    '"\\x"',
    '"\\u12"',
    '"\\u12g4"',
    '"\\U0041"',
  ];
  const strings = ['"a\nb"', '"\t"', '"\u0000"', '"\\'];
  it.each([...values, ...words, ...strings])("is refused inside a message: %j", (value) => {
    expect(refused(call(`{"a":${value}}`)).code).toBe(-32700);
  });

  it("is refused with a byte order mark", () => {
    expect(refused(`\ufeff${call("{}")}`).code).toBe(-32700);
  });

  it("is refused when it is not UTF-8", () => {
    for (const broken of ["ff", "c0af", "eda080", "f4908080", "e282", "80"]) {
      const [before = "", after = ""] = call('{"a":"<>"}').split("<>");
      expect(refused(Buffer.concat([Buffer.from(before), Buffer.from(broken, "hex"), Buffer.from(after)])).code).toBe(
        -32700,
      );
    }
    expect(refused(Buffer.from(call("{}"), "utf16le")).code).toBe(-32700);
  });

  it("is refused with half of a surrogate pair, in values and in keys", () => {
    for (const half of [
      "\\ud800",
      "\\udc00",
      "\\ud800\\ud800",
      "\\ud800x",
      "\\udc00\\ud800",
      "\\ud800\\n",
      "\\uDBFF\\u0041",
    ]) {
      expect(refused(call(`{"a":"${half}"}`)).code).toBe(-32700);
      expect(refused(call(`{"${half}":1}`)).code).toBe(-32700);
    }
    accepted(call('{"a":"\\ud83d\\ude00 \\uD83D\\uDE00"}'));
  });

  it("is refused when it is nested too deep or holds too many values", () => {
    const arrays = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    accepted(call(`{"a":${arrays(depthMax - 3)}}`));
    expect(refused(call(`{"a":${arrays(depthMax - 2)}}`)).message).toContain("nested");
    expect(refused(call(`{"a":${"[".repeat(1_000_000)}`)).message).toContain("nested");
    expect(refused(call('{"a":'.repeat(100_000))).message).toContain("nested");
    expect(refused(call(`{"a":[${"0,".repeat(300_000)}0]}`)).message).toContain("more than");
  });
});

describe("the envelope", () => {
  const id = (text: string) => `{"jsonrpc":"2.0","id":${text},"method":"ping"}`;

  it.each(['"x"', '""', "0", "-1", "9007199254740991", "-9007199254740991", '"\\u0041"', `"${"x".repeat(256)}"`])(
    "echoes the id %s as written",
    (text) => {
      expect(accepted(id(text)).id).toBe(text);
    },
  );

  it.each([
    "null",
    "1.0",
    "1e0",
    "-0",
    "1.5",
    "9007199254740992",
    "9007199254740993",
    "1e400",
    "true",
    "[]",
    "{}",
    `"${"x".repeat(257)}"`,
  ])("refuses the id %s", (text) => {
    expect(refused(id(text))).toMatchObject({ code: -32600, id: null });
  });

  it("echoes the id of a message that it refuses, when there is one", () => {
    expect(refused('{"jsonrpc":"1.0","id":5,"method":"ping"}').id).toBe("5");
    expect(refused('{"id":"a","jsonrpc":"2.0","method":"ping","params":{"name":1,"name":2}}').id).toBe('"a"');
  });

  const wrong = [
    "[]",
    '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
    "{}",
    '{"id":1,"method":"ping"}',
    '{"jsonrpc":2.0,"id":1,"method":"ping"}',
    '{"jsonrpc":"2.0","id":1}',
    '{"jsonrpc":"2.0","id":1,"method":5}',
    '{"jsonrpc":"2.0","id":1,"method":null,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}',
    '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}',
    '{"jsonrpc":"2.0","id":1,"result":{},"error":{}}',
    '{"jsonrpc":"2.0","result":{}}',
    call("[]"),
    call("null"),
    call('"x"'),
  ];
  it.each(wrong)("refuses %s", (text) => {
    expect(refused(text).code).toBe(-32600);
  });
});

describe("numbers in the arguments", () => {
  it.each([
    "0",
    "-0",
    "1.0",
    "0.1",
    "1e5",
    "1E+2",
    "123456789012345",
    "9007199254740991",
    "1.7976931348623157e308",
    "5e-324",
    "1e23",
  ])("are read as they are: %s", (text) => {
    expect(argumentsOf(`{"n":${text}}`)).toEqual({ n: Number(text) });
  });

  it.each([
    "9007199254740993",
    "12345678901234567890",
    "1e400",
    "-1e400",
    "1e-400",
    "0.10000000000000000001",
    `1${"0".repeat(2_000)}`,
  ])("are not a number to any rule when a double cannot hold them: %s", (text) => {
    expect(argumentsOf(`{"n":${text},"deep":[{"x":[${text},1]}],"s":"${text}"}`)).toEqual({
      n: Number.NaN,
      deep: [{ x: [Number.NaN, 1] }],
      s: text,
    });
  });

  it("may stand beside __proto__ without reaching any prototype", () => {
    const parsed = argumentsOf('{"__proto__":{"a":1e999,"polluted":true}}') as object;
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("the scan beside JSON.parse", () => {
  const json = fc.json({ maxDepth: 8 });

  it("accepts every document that JSON.stringify writes", () => {
    fc.assert(
      fc.property(json, fc.constantFrom("", " ", "\n\t"), (text, space) => {
        const message = `{"jsonrpc":"2.0","id":1,"result":{"x":${space}${text}${space}}}`;
        expect(scan(message).ok).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("never accepts what JSON.parse refuses", () => {
    const mutated = fc
      .tuple(
        json,
        fc.nat(),
        fc.constantFrom("", ",", '"', "{", "]", "\\", "0", "e", "\u0001", ":", "-", "."),
        fc.nat(2),
      )
      .map(([text, place, put, drop]) => {
        const document = call(`{"x":${text}}`);
        const i = place % document.length;
        return document.slice(0, i) + put + document.slice(i + drop);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        const answer = scan(text);
        if (answer.ok) expect(parses).toBe(true);
        else if (answer.code === -32700 && !/twice|surrogate|nested/.test(answer.message)) expect(parses).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it("parses the arguments to what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
        const text = call(JSON.stringify(value));
        const answer = scan(text);
        if (!answer.ok) return;
        expect(parseArguments(Buffer.from(text), answer.message)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 1_000 },
    );
  });
});
