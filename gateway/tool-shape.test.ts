import { describe, expect, it } from "vitest";
import { headerThatDiffers, shapeOf, undeclaredArgument } from "./tool-shape.ts";

const definition = JSON.stringify({
  name: "deploy",
  inputSchema: {
    type: "object",
    properties: {
      region: { type: "string", "x-mcp-header": "Region" },
      count: { type: "integer", "x-mcp-header": "Count" },
      target: { type: "object", properties: { env: { type: "string", "x-mcp-header": "Env" } } },
      list: { type: "array", items: { properties: { x: { "x-mcp-header": "Never" } } } },
      odd: { type: "string", "x-mcp-header": "not a header" },
    },
  },
});

describe("arguments that headers repeat", () => {
  const shape = shapeOf(definition);
  const differs = (args: object, headers: Record<string, string>) =>
    shape && headerThatDiffers(shape, Object.entries(headers), args, (value) => (value === "?" ? undefined : value));

  it("are those that are reached by properties alone, under names that a header can have", () => {
    expect(shape?.mirrored.map(({ header }) => header)).toEqual([
      "mcp-param-region",
      "mcp-param-count",
      "mcp-param-env",
    ]);
    expect(shapeOf("{}")).toBeNull();
    expect(shapeOf("not JSON")).toBeNull();
    expect(shapeOf('{"inputSchema":{"properties":[{"x-mcp-header":"A"}]}}')).toBeNull();
  });

  it("are said the same by both, numbers by their value", () => {
    const args = { region: "eu", count: 3, target: { env: "prod" } };
    const headers = { "mcp-param-region": "eu", "mcp-param-count": "3.0", "mcp-param-env": "prod" };
    expect(differs(args, { ...headers, "mcp-param-other": "x" })).toBeNull();
    expect(differs({}, {})).toBeNull();
    expect(differs({ region: null }, {})).toBeNull();
    expect(differs({ region: ["eu"] }, {})).toBeNull();
    for (const wrong of [
      { "mcp-param-region": "EU" },
      { "mcp-param-region": "?" },
      { "mcp-param-count": "" },
      { "mcp-param-env": "dev" },
    ]) {
      expect(differs(args, { ...headers, ...wrong })).toBe(Object.keys(wrong)[0]);
    }
    expect(differs(args, {})).toBe("mcp-param-region");
    expect(differs({}, { "mcp-param-region": "eu" })).toBe("mcp-param-region");
    expect(differs({ count: Number.NaN }, { "mcp-param-count": "9007199254740993" })).toBe("mcp-param-count");
  });
});

describe("arguments that a tool says it does not have", () => {
  const closed = (rest: object) =>
    shapeOf(
      JSON.stringify({ inputSchema: { properties: { path: {}, mode: {} }, additionalProperties: false, ...rest } }),
    );
  const known = [
    {
      fields: new Map([
        ["path", {}],
        ["_callerRole", {}],
      ]),
    },
  ];

  it("are found where there are rules about its arguments, unless a rule knows them", () => {
    const shape = closed({});
    if (shape === null) throw new Error("no shape");
    expect(undeclaredArgument(shape, { path: "/", mode: 1, _callerRole: "x" }, known)).toBeNull();
    expect(undeclaredArgument(shape, { path: "/", file: "/etc" }, known)).toBe("file");
    expect(undeclaredArgument(shape, { file: "/etc" }, [])).toBeNull();
    expect(undeclaredArgument(shape, JSON.parse('{"__proto__":1}'), known)).toBe("__proto__");
  });

  it("are not looked for where the schema leaves it open", () => {
    expect(shapeOf('{"inputSchema":{"properties":{"path":{}}}}')).toBeNull();
    expect(closed({ additionalProperties: true })).toBeNull();
    expect(closed({ additionalProperties: {} })).toBeNull();
    expect(closed({ patternProperties: { "^x-": {} } })).toBeNull();
  });
});
