import { describe, expect, it } from "vitest";
import { completionsAt, descriptionAt } from "./completions.ts";
import type { EditorTool } from "./editor-tool.ts";

const tool = (name: string, category: EditorTool["category"], properties: object): EditorTool => ({
  name,
  description: null,
  category,
  severity: "low",
  state: "accepted",
  inputSchema: { type: "object", properties, required: ["identifier"] },
});

const tools = [
  tool("vm_list", "Read", {}),
  tool("vm_create", "Execute", {
    instanceType: { type: "string", enum: ["t3.micro", "t3.small"], description: "Size of the VM." },
    maxPrice: { type: "number" },
    spot: { type: "boolean" },
  }),
  tool("vm_terminate", "Destructive", { identifier: { type: "string" } }),
];

/** `|` is the cursor. */
function at(marked: string) {
  const offset = marked.indexOf("|");
  const text = marked.replace("|", "");
  const found = completionsAt(text, offset, tools);
  return {
    labels: found?.options.map(({ label }) => label) ?? [],
    option: (label: string) => found?.options.find((option) => option.label === label),
    /** The text after choosing, with the cursor marked. */
    choose(label: string) {
      const option = found?.options.find((each) => each.label === label);
      if (!found || !option) throw new Error(`${label} is not offered`);
      const { insert, cursor } = option;
      return `${text.slice(0, found.from)}${insert.slice(0, cursor)}|${insert.slice(cursor)}${text.slice(found.to)}`;
    },
  };
}

describe("completion in a policy", () => {
  it("offers the fields of the document that are not there yet", () => {
    const { labels } = at('{ "version": "1", | }');
    expect(labels).toContain("default");
    expect(labels).toContain("tools");
    expect(labels).not.toContain("version");
  });

  it.each([
    ['{ "version": "1", "def|', "default", '{ "version": "1", "default": "|"'],
    ['{ "version": "1", "to|" }', "tools", '{ "version": "1", "tools": {|} }'],
    ['{ "def|": "deny" }', "default", '{ "default"|: "deny" }'],
    ['{ | "tools": {} }', "version", '{ "version": "1|", "tools": {} }'],
    ['{ "default": "d|" }', "deny", '{ "default": "deny"| }'],
    ['{ "default": d| }', "deny", '{ "default": "deny"| }'],
    ['{ "tools": { "vm_l|" } }', "vm_list", '{ "tools": { "vm_list": {|} } }'],
    ['{ "hide": ["vm_|"] }', "vm_terminate", '{ "hide": ["vm_terminate"|] }'],
    ['{ "default": "deny",\n  "hi|"\n  "tools": {} }', "hide", '{ "default": "deny",\n  "hide": [|],\n  "tools": {} }'],
    ['{ "hide": ["vm_t|"],\n  "tools": {} }', "vm_terminate", '{ "hide": ["vm_terminate"|],\n  "tools": {} }'],
    ['{ "hide": ["vm_t|, "x"] }', "vm_terminate", '{ "hide": ["vm_terminate"|, "x"] }'],
    ['{ "tools": { "x": { "lim|', "limits", '{ "tools": { "x": { "limits": [|]'],
  ])("%s, %s → %s", (before, label, after) => {
    expect(at(before).choose(label)).toBe(after);
  });

  it("offers the values of the language: actions, operators, windows, scopes, categories", () => {
    expect(at('{ "tools": { "vm_list": { "action": "|" } } }').labels).toEqual([
      "allow",
      "deny",
      "hide",
      "require_approval",
    ]);
    expect(at('{ "all_tools": { "limits": [{ "window": "|" }] } }').labels).toEqual(["minute", "hour", "day", "month"]);
    expect(at('{ "all_tools": { "limits": [{ "scope": | }] } }').labels).toContain("organisation");
    expect(at('{ "all_tools": { "require": [{ "conditions": [{ "op": "g|" }] }] } }').labels).toEqual([
      "gt",
      "gte",
      "regex",
    ]);
    expect(at('{ "categories": { "|" } }').labels).toContain("Destructive");
  });

  it("knows the arguments of the tool that the rule is for, and the facts", () => {
    const inRule = (rule: string) => `{ "tools": { "vm_create": { ${rule} } } }`;
    const paths = at(inRule('"require": [{ "conditions": [{ "path": "|" }] }]'));
    expect(paths.labels).toEqual(expect.arrayContaining(["args.instanceType", "args.maxPrice", "time.hour"]));
    expect(paths.labels).not.toContain("args.identifier");
    expect(paths.option("args.instanceType")?.info).toBe("Size of the VM.");
    expect(at(inRule('"limits": [{ "increment_from": "|" }]')).labels).toEqual(["args.maxPrice"]);
  });

  it("takes the arguments of all tools that a glob or a category covers", () => {
    const at2 = (place: string) =>
      at(`{ ${place}: { "deny_if": [{ "conditions": [{ "path": "args.|" }] }] } } }`).labels;
    expect(at2('"tools": { "vm_*"')).toEqual(expect.arrayContaining(["args.spot", "args.identifier"]));
    expect(at2('"categories": { "Destructive"')).toEqual(["args.identifier"]);
  });

  it("offers the values that an argument can have", () => {
    const value = (condition: string) =>
      at(`{ "tools": { "vm_create": { "require": [{ "conditions": [{ ${condition} }] }] } } }`).labels;
    expect(value('"path": "args.instanceType", "op": "in", "value": ["t3.m|"]')).toEqual(["t3.micro"]);
    expect(value('"path": "args.spot", "op": "eq", "value": |')).toEqual(["true", "false"]);
    expect(value('"path": "args.maxPrice", "op": "exists", "value": |')).toEqual(["true", "false"]);
    expect(value('"path": "tool.category", "op": "eq", "value": "Fin|"')).toEqual(["Financial"]);
  });

  it("offers counters of the document, but none that the rule has already", () => {
    const text = `{ "tools": { "vm_list": { "limits": [{ "counter": "reads", "window": "day", "max": 1 }] },
      "vm_create": { "limits": [{ "counter": "made", "max": 1 }, { "counter": "|" }] } } }`;
    expect(at(text).labels).toEqual(expect.arrayContaining(["reads", "vm_create_rate"]));
    expect(at(text).labels).not.toContain("made");
  });

  it("knows time zones", () => {
    expect(at('{ "timezone": "Europe/Be|" }').labels).toContain("Europe/Berlin");
  });

  it("offers nothing where the author's own words stand, and never throws", () => {
    expect(at('{ "description": "|" }').labels).toEqual([]);
    const text =
      '{ "version": "1", "tools": { "vm_create": { "require": [{ "conditions": [{ "path": "args.x" }] }] } } }';
    for (let end = 0; end <= text.length; end += 1) {
      expect(() => completionsAt(text.slice(0, end), end, tools)).not.toThrow();
      expect(() => descriptionAt(text, end)).not.toThrow();
    }
  });
});

describe("the description of a place", () => {
  it("is the schema's own sentence", () => {
    const text = '{ "version": "1", "default": "deny", "tools": { "x": { "limits": [] } } }';
    expect(descriptionAt(text, text.indexOf("limits") + 1)).toMatchObject({ words: "Quotas." });
    expect(descriptionAt(text, text.indexOf("default") + 1)?.words).toMatch(/nothing below names/);
  });
});
