import { describe, expect, it } from "vitest";
import { decodeHeader } from "./era.ts";
import { parseArguments, scanMessage } from "./json-scan.ts";
import { withArguments, withMirrored, withoutOurQuestion } from "./rewritten.ts";
import { shapeOf } from "./tool-shape.ts";

function scanned(text: string) {
  const body = Buffer.from(text);
  const scan = scanMessage(body);
  if (!scan.ok) throw new Error(scan.message);
  return { body, message: scan.message };
}

describe("an approver's arguments", () => {
  it.each([
    [
      "in place of the caller's",
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"é":1},"name":"t"}}',
    ],
    ["where there were none", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{ "name":"t"}}'],
    ["in params that are empty", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{ }}'],
  ])("stand %s, and no other byte changes", (_, text) => {
    const { body, message } = scanned(text);
    const edited = withArguments(body, message, '{"n":9007199254740993}').toString();
    expect(edited).toContain('"arguments":{"n":9007199254740993}');
    const back = edited.replace(/"arguments":\{"n":9007199254740993\},?/, "");
    expect(back).toBe(text.replace('"arguments":{"é":1},', ""));
    const again = scanned(edited);
    expect(parseArguments(again.body, again.message)).toEqual({ n: Number.NaN });
  });

  it("are what the headers say that repeat them", () => {
    const properties = {
      region: { "x-mcp-header": "Region" },
      size: { "x-mcp-header": "Size" },
      n: { "x-mcp-header": "N" },
    };
    const shape = shapeOf(JSON.stringify({ inputSchema: { properties } })) ?? undefined;
    const headers = { accept: "a", "mcp-param-region": "eu", "mcp-param-size": "1", "mcp-param-other": "x" };
    const out = withMirrored(headers, shape, { region: " Zürich", n: 3 });
    expect(out).toEqual({
      accept: "a",
      "mcp-param-region": expect.any(String),
      "mcp-param-n": "3",
      "mcp-param-other": "x",
    });
    expect(decodeHeader(out["mcp-param-region"] ?? "")).toBe(" Zürich");
    expect(headers["mcp-param-size"]).toBe("1");
  });
});

describe("the answer to a question that was ours", () => {
  it("does not reach the server", () => {
    const rest = withoutOurQuestion(
      Buffer.from(
        '{"id":1,"params":{"name":"t","inputResponses":{"a":{}},"requestState":"s","arguments":{"requestState":2}}}',
      ),
    );
    expect(rest.toString()).toBe('{"id":1,"params":{"name":"t","arguments":{"requestState":2}}}');
  });
});
