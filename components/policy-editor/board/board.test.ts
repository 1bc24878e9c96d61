import { describe, expect, it } from "vitest";
import { editDocument } from "../../../policy/edit.ts";
import type { Problem } from "../../../policy/problems.ts";
import type { PolicyDocument } from "../../../policy/schema.ts";
import type { EditorTool } from "../editor-tool.ts";
import { whyNot } from "./block-kinds.ts";
import { firstTarget, targetByKey } from "./drag-target.ts";
import { blockEdits, laneEdits, ruleBlockEdits } from "./edits.ts";
import { noFilter, rowsOf, shownTools } from "./filter.ts";
import { marksOf, placesOf } from "./places.ts";
import { chipKey, manyRulesOf, ownerAt, placedAt, ruleOf } from "./rules.ts";
import { standing } from "./speech.ts";
import { flagsOf } from "./store.ts";

const tools: EditorTool[] = [
  tool("list", "Read", "low"),
  tool("write", "Write", "medium"),
  tool("vm_create", "Execute", "high", {
    type: "object",
    properties: { maxPrice: { type: "number" }, name: { type: "string" } },
  }),
  tool("vm_stop", "Execute", "high", { type: "object", properties: { name: { type: "string" } } }),
];
const denyAll: PolicyDocument = { version: "1", default: "deny" };

describe("where a tool stands", () => {
  it("says why when the rule is not its own", () => {
    const places = placesIn({
      version: "1",
      default: "deny",
      hide: ["write"],
      categories: { Read: {} },
      tools: { "vm_*": { rate_limit: { max: 5, window: "minute" } }, vm_stop: { action: "deny" } },
    });
    expect(places.get("list")).toMatchObject({ lane: "allow", source: "by its category", rule: "/categories/Read" });
    expect(places.get("write")).toMatchObject({ lane: "hide", source: "" });
    expect(places.get("vm_create")).toMatchObject({ lane: "limit", source: "by a pattern", rule: "/tools/vm_*" });
    expect(places.get("vm_stop")).toMatchObject({ lane: "deny", source: "", chips: [] });
  });

  it("is Ask a person for a tool that asks only sometimes", () => {
    const rule = { approve_if: [{ conditions: [{ path: "args.maxPrice", op: "gt" as const, value: 1 }] }] };
    const place = placesIn({ ...denyAll, tools: { vm_create: rule } }).get("vm_create");
    expect(place).toMatchObject({ lane: "approve", isSometimes: true });
    expect(place?.chips).toHaveLength(1);
  });

  it("is the same object while nothing about it changes, so that its card is not drawn again", () => {
    const before = placesIn(denyAll);
    const after = placesOf(
      editDocument(denyAll, laneEdits(denyAll, [tools[0] as EditorTool], "allow")),
      tools,
      marksOf([]),
      before,
    );
    expect(after.get("list")).not.toBe(before.get("list"));
    expect(after.get("write")).toBe(before.get("write"));
  });

  it("marks a problem on the card and on the very block", () => {
    const problem: Problem = {
      code: "bad_path",
      pointer: "/tools/vm_stop/limits/1/key",
      message: "no",
      severity: "error",
    };
    const limit = (counter: string) => ({ counter, window: "minute" as const, max: 1 });
    const document = { ...denyAll, tools: { vm_stop: { limits: [limit("a"), limit("b")] } } };
    const place = placesOf(document, tools, marksOf([problem]), null).get("vm_stop");
    expect(place?.mark).toBe("error");
    expect(place?.chips.map(({ mark }) => mark)).toEqual([null, "error"]);
  });
});

describe("a drop", () => {
  it("on Limit starts with numbers that fit the risk, and leaves limits that are there", () => {
    const places = placesIn(dropped(denyAll, "limit"));
    expect(standing(places.get("vm_stop") as never)).toBe("Limit: at most 10 a minute");
    const limited = { ...denyAll, tools: { vm_stop: { rate_limit: { max: 3, window: "hour" as const } } } };
    expect(dropped(limited, "limit").tools?.vm_stop).toEqual({ rate_limit: { max: 3, window: "hour" } });
  });

  it("of a block leaves out tools for which it makes no sense", () => {
    expect(whyNot("spend_limit", tools[3] as EditorTool)).toBe("vm_stop takes no number to add up");
    expect(whyNot("spend_limit", tools[0] as EditorTool)).toBeNull(); // its schema says nothing
    const edited = editDocument(denyAll, blockEdits(denyAll, tools.slice(2), "spend_limit"));
    expect(Object.keys(edited.tools ?? {})).toEqual(["vm_create"]);
  });

  it("of a block on a refused category allows it within the block; on all tools it only adds", () => {
    const read = editDocument(denyAll, ruleBlockEdits(null, { category: "Read" }, "rate_limit"));
    expect(placesIn(read).get("list")).toMatchObject({ lane: "limit" });
    const all = editDocument(denyAll, ruleBlockEdits(null, { allTools: true }, "rate_limit"));
    expect([...placesIn(all).values()].every(({ lane }) => lane === "deny")).toBe(true);
  });
});

describe("carrying by keys", () => {
  const places = placesIn(denyAll);
  const byName = new Map(tools.map((each) => [each.name, each]));
  const ground = { rows: rowsOf(tools, places, false, null), rules: manyRulesOf(denyAll, marksOf([])), byName };
  const load = { kind: "tools", names: ["list"], held: "list", from: "deny" } as const;

  it("goes from lane to lane and stays at the ends", () => {
    expect(targetByKey("ArrowLeft", load, { lane: "deny" }, ground)).toEqual({ lane: "approve" });
    expect(targetByKey("ArrowRight", load, { lane: "hide" }, ground)).toBeNull();
    expect(targetByKey("ArrowLeft", load, { lane: "allow" }, ground)).toBeNull();
  });

  it("of a block goes from card to card, and up to the rules for many", () => {
    const block = { kind: "block", block: "spend_limit" } as const;
    const first = firstTarget("spend_limit", null, ground);
    expect(first).toEqual({ tool: "list", refusal: null });
    expect(targetByKey("ArrowUp", block, first, ground)).toEqual({ rule: "/all_tools" });
    expect(targetByKey("ArrowUp", block, { tool: "vm_create", refusal: null }, ground)).toMatchObject({
      tool: "write",
    });
    expect(targetByKey("ArrowDown", block, { tool: "vm_create", refusal: null }, ground)).toEqual({
      tool: "vm_stop",
      refusal: "vm_stop takes no number to add up",
    });
    expect(targetByKey("ArrowDown", block, { rule: "/all_tools" }, ground)).toEqual(first);
  });
});

describe("rows", () => {
  it("keep lanes that nothing happened to, and group the most dangerous first", () => {
    const before = rowsOf(tools, placesIn(denyAll), false, null);
    const after = rowsOf(tools, placesIn(dropped(denyAll, "limit")), false, before);
    expect(after.allow).toBe(before.allow);
    expect(after.deny).not.toBe(before.deny);
    const groups = rowsOf(tools, placesIn(denyAll), true, null).deny.filter(({ kind }) => kind === "group");
    expect(groups).toMatchObject([{ category: "Execute" }, { category: "Write" }, { category: "Read" }]);
  });

  it("are of what fits the search and the risk", () => {
    expect(shownTools(tools, { ...noFilter, search: "VM exec" }).map(({ name }) => name)).toEqual([
      "vm_create",
      "vm_stop",
    ]);
    expect(shownTools(tools, { ...noFilter, severities: ["low"] }).map(({ name }) => name)).toEqual(["list"]);
  });
});

describe("a place of the document", () => {
  const document: PolicyDocument = {
    ...denyAll,
    hide: ["write", "x_*"],
    categories: { Read: { limits: [{ counter: "a", window: "minute", max: 1 }] } },
    tools: { "vm_*": {}, "odd/~name": {} },
  };

  it("is a card, a rule, or a block of one of them", () => {
    expect(ownerAt(document, tools, "/hide/0")).toEqual({ owner: { tool: "write" }, at: null });
    expect(ownerAt(document, tools, "/hide/1")).toBeNull();
    expect(ownerAt(document, tools, "/categories/Read/limits/0/max")).toEqual({
      owner: { rule: "/categories/Read" },
      at: "limits/0",
    });
    expect(ownerAt(document, tools, "/tools/vm_*/action")).toMatchObject({ owner: { rule: "/tools/vm_*" } });
    expect(ownerAt(document, tools, "/tools/nothing")).toBeNull();
    expect(
      ownerAt(document, [...tools, tool("odd/~name", "Other", "high")], "/tools/odd~1~0name/rate_limit/max"),
    ).toEqual({
      owner: { tool: "odd/~name" },
      at: "rate_limit",
    });
  });

  it("gives a card the rule that covers it, to be changed as its own", () => {
    const found = ruleOf(document, tools, { tool: "list" });
    expect(found).toMatchObject({ target: { tool: "list", category: "Read" }, pointer: "/categories/Read" });
    expect(found && placedAt(found, "limits/0")?.block.kind).toBe("rate_limit");
    expect(chipKey({ owner: { tool: "list" }, at: "limits/0" })).not.toBe(
      chipKey({ owner: { rule: "/categories/Read" }, at: "limits/0" }),
    );
  });
});

it("a block over one card of a selection is over all of it", () => {
  const state = {
    selection: new Set(["list", "write"]),
    active: null,
    load: null,
    by: null,
    target: { tool: "list", refusal: null },
    open: null,
    menu: null,
    said: "",
  };
  expect(flagsOf(state, "write")).toBe(flagsOf(state, "list"));
  expect(flagsOf(state, "vm_stop")).toBe(0);
});

function tool(
  name: string,
  category: EditorTool["category"],
  severity: EditorTool["severity"],
  inputSchema?: unknown,
): EditorTool {
  return { name, category, severity, description: null, state: "accepted", inputSchema };
}

function placesIn(document: PolicyDocument) {
  return placesOf(document, tools, marksOf([]), null);
}

function dropped(document: PolicyDocument, lane: "limit"): PolicyDocument {
  return editDocument(document, laneEdits(document, [tools[3] as EditorTool], lane));
}
