import { describe, expect, it } from "vitest";
import { reviewTools } from "./inspect-tools.ts";

const codes = (definitions: string[]) => reviewTools(definitions).findings.map(({ code }) => code);
const names = (definitions: string[]) => reviewTools(definitions).tools.map(({ name }) => name);

describe("the tools of a server", () => {
  it("are kept as they were written, with a hash that does not mind the layout", () => {
    const one = '{ "name":"a", "inputSchema":{"maximum":1.0, "x":9007199254740993} }';
    const other = '{"inputSchema":{"x":9007199254740993,"maximum":1.0},"name":"\\u0061"}';
    const [first] = reviewTools([one]).tools;
    const [second] = reviewTools([other]).tools;
    expect(first?.definition).toBe(one);
    expect(first?.definitionHash).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toMatchObject({ name: "a", definitionHash: first?.definitionHash });
    const [changed] = reviewTools([one.replace("993", "992")]).tools;
    expect(changed?.definitionHash).not.toBe(first?.definitionHash);
  });

  it.each([
    '{"name":"rm -rf"}',
    '{"name":"vm_cr\u0435ate"}',
    '{"name":"a\\u200bb"}',
    '{"name":""}',
    `{"name":"${"x".repeat(129)}"}`,
    '{"name":7}',
    "{}",
    "null",
    "[]",
    '{"__proto__":{"name":"a"}}',
  ])("are left out when they are named like %s", (definition) => {
    expect(names([definition, '{"name":"good"}'])).toEqual(["good"]);
    expect(codes([definition])).toEqual(["tool_name_refused"]);
  });

  it("are all left out when two have one name", () => {
    const definitions = ['{"name":"a"}', '{"name":"b"}', '{"name":"\\u0061"}'];
    expect(names(definitions)).toEqual(["b"]);
    expect(codes(definitions)).toEqual(["tool_name_duplicate"]);
  });

  it("are left out when their definition is ambiguous", () => {
    const definitions = ['{"name":"a","description":"x","description":"y"}', '{"name":"b"}'];
    expect(names(definitions)).toEqual(["b"]);
    expect(codes(definitions)).toEqual(["tool_definition_refused"]);
  });

  it.each([
    ["delete_user", "deleteUser"],
    ["delete-user", "delete.user"],
    ["run", "ＲＵＮ"],
  ])("are left out when their names are easily confused: %s and %s", (one, other) => {
    const definitions = [`{"name":"${one}"}`, `{"name":"${other}"}`, '{"name":"list"}'];
    expect(names(definitions)).toEqual(["list"]);
    expect(codes(definitions)).toContain("tool_name_similar");
  });
});
