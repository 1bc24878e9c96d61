import { describe, expect, it } from "vitest";
import type { MethodGroup } from "../policy/server-settings.ts";
import { withoutClientCapabilities } from "./capabilities.ts";

const without = (text: string, ...refused: MethodGroup[]) =>
  withoutClientCapabilities(Buffer.from(text), new Set(refused)).toString();
const initialize = (capabilities: string) =>
  `{"method":"initialize","id":1e0,"params":{"capabilities":${capabilities},"clientInfo":{"n":9007199254740993}}}`;
const modern = (capabilities: string) =>
  `{"method":"tools/call","params":{"arguments":{"capabilities":{"roots":1}},"_meta":{"io.modelcontextprotocol/clientCapabilities":${capabilities}}}}`;

describe("what a client can do", () => {
  it.each([initialize, modern])("is told without what is refused, and nothing else is changed", (message) => {
    const given = '{ "roots":{"listChanged":true}, "sampling":{},"elicitation":{"form":{}},"x":1.0 }';
    expect(without(message(given), "roots")).toBe(message('{ "sampling":{},"elicitation":{"form":{}},"x":1.0 }'));
    expect(without(message(given), "sampling", "elicitation")).toBe(
      message('{ "roots":{"listChanged":true},"x":1.0 }'),
    );
    expect(without(message(given), "roots", "sampling", "elicitation")).toBe(message('{ "x":1.0 }'));
    expect(without(message('{"sampling":{}}'), "sampling")).toBe(message("{}"));
    expect(without(message('{"s\\u0061mpling":{}}'), "sampling")).toBe(message("{}"));
  });

  it("has tasks in two places", () => {
    const given = '{"tasks":{},"extensions":{"io.modelcontextprotocol/tasks":{},"other":{}}}';
    expect(without(modern(given), "tasks")).toBe(modern('{"extensions":{"other":{}}}'));
  });

  it("is the very same bytes where nothing of it is refused", () => {
    const body = Buffer.from(initialize('{"roots":{}}'));
    expect(withoutClientCapabilities(body, new Set())).toBe(body);
    expect(withoutClientCapabilities(body, new Set(["prompts", "logging"]))).toBe(body);
    expect(withoutClientCapabilities(body, new Set(["sampling"]))).toBe(body);
  });
});
