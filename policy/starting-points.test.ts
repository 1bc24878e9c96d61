import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { riskCategories, severities, severityOf } from "../catalog/schema.ts";
import { evaluate } from "./evaluate.ts";
import { Counters } from "./limits.ts";
import { parsePolicy } from "./parse.ts";
import { reachable } from "./reachable.ts";
import type { PolicyDocument } from "./schema.ts";
import { fromTraffic, type StartingTool, startingDocument, startingPoints, type Traffic } from "./starting-points.ts";
import { parseWithTools } from "./warn-tools.ts";

// Many runs, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

function tool(name: string, category: StartingTool["category"], properties: object = {}): StartingTool {
  return { name, category, severity: severityOf[category], inputSchema: { type: "object", properties } };
}

const server = [
  tool("vm_list", "Read"),
  tool("vm_create_image", "Write", { _callerRole: { type: "string" } }),
  tool("vm_ssh", "Execute", { command: { type: "string" }, cwd: { type: "string" }, url: { type: "string" } }),
  tool("vm_terminate", "Destructive", { force: { type: "boolean" } }),
  tool("vm_buy", "Financial", { price: { type: "number" } }),
  tool("odd", "Other"),
];

function documentOf(text: string): PolicyDocument {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.document;
}

describe("the starting points of a policy", () => {
  it.each(startingPoints.map(({ id }) => id))("%s can be published as it is, for any tools", (id) => {
    expect(parseWithTools(startingDocument(id, server), server)).toMatchObject({ ok: true, problems: [] });
    expect(parsePolicy(startingDocument(id, []))).toMatchObject({ ok: true, problems: [] });
    fc.assert(
      fc.property(fc.uniqueArray(tools, { selector: ({ name }) => name, maxLength: 12 }), (list) => {
        expect(parseWithTools(startingDocument(id, list), list)).toMatchObject({ ok: true, problems: [] });
      }),
      { numRuns: 200 },
    );
  });

  it("hold for more tools than a document can name", () => {
    const many = Array.from({ length: 3_000 }, (_, nth) => tool(`a_tool_with_a_rather_long_name_${nth}`, "Execute"));
    for (const { id } of startingPoints) expect(parsePolicy(startingDocument(id, many)).ok).toBe(true);
  });
});

describe("the recommended policy", () => {
  const text = startingDocument("recommended", server);

  it("has the rule of each tool's category, by its name", () => {
    expect(documentOf(text)).toEqual({
      version: "1",
      description: "Recommended for this server",
      default: "deny",
      hide: ["vm_terminate"],
      all_tools: {
        deny_if: [
          {
            conditions: [{ path: "args._callerRole", op: "exists", value: true }],
            on_deny: "A caller may not name its own role.",
          },
        ],
      },
      tools: {
        vm_list: {},
        vm_create_image: { limits: [{ counter: "vm_create_image_rate", window: "minute", max: 30, scope: "grant" }] },
        vm_ssh: {
          deny_if: [
            { conditions: [{ path: "args.cwd", op: "regex", value: expect.any(String) }], on_deny: expect.any(String) },
            { conditions: [{ path: "args.url", op: "regex", value: expect.any(String) }], on_deny: expect.any(String) },
          ],
          approve_if: [
            { conditions: [{ path: "args.command", op: "exists", value: true }], message: expect.any(String) },
          ],
          limits: [{ counter: "vm_ssh_rate", window: "minute", max: 10, scope: "grant" }],
        },
        vm_buy: { action: "require_approval" },
        odd: { action: "require_approval" },
      },
    });
  });

  it("denies a tool that comes later, whatever its category", () => {
    const parsed = parsePolicy(text);
    if (!parsed.ok) throw new Error("no policy");
    const later = riskCategories.map((category) => ({ name: "new_tool", category }));
    expect(reachable(parsed.policy, later).map(({ reach }) => reach)).toEqual(later.map(() => "never"));
  });

  it("goes by the severity where that is worse than the category's", () => {
    const list = [
      { name: "a", category: "Read", severity: "high" },
      { name: "b", category: "Write", severity: "critical" },
      { name: "c", category: "Execute", severity: "low" },
    ] as const;
    expect(documentOf(startingDocument("recommended", list)).tools).toEqual({
      a: { limits: [{ counter: "a_rate", window: "minute", max: 10, scope: "grant" }] },
      b: { action: "require_approval" },
      c: { limits: [{ counter: "c_rate", window: "minute", max: 10, scope: "grant" }] },
    });
  });

  it("leaves out what a rule would open other tools with", () => {
    const list = [tool("*", "Read"), tool("wipe*", "Destructive"), tool("", "Read"), tool("__proto__", "Read")];
    expect(documentOf(startingDocument("recommended", list))).toEqual({
      version: "1",
      description: "Recommended for this server",
      default: "deny",
      tools: Object.fromEntries([["__proto__", {}]]),
    });
  });

  it.each([
    ["cwd", "../etc", false],
    ["cwd", "a/..", false],
    ["cwd", "C:\\x\\..\\y", false],
    ["cwd", "a..b/c", true],
    ["url", "http://169.254.169.254/latest", false],
    ["url", "HTTP://user@localhost:80/", false],
    ["url", "http://[::1]/", false],
    ["url", "file:///etc/passwd", false],
    ["url", "https://example.com/?at=localhost", true],
    ["url", ["https://example.com"], false],
  ])("looks into what %s is: %j", (name, value, isFine) => {
    const parsed = parsePolicy(text);
    if (!parsed.ok) throw new Error("no policy");
    const { code } = evaluate(parsed.policy, callOf("vm_ssh", 0, { [name]: value }), quiet);
    expect(code).toBe(isFine ? "allowed" : "denied");
  });
});

describe("allowing all with limits", () => {
  it("lets every tool through, each with a count of its own", () => {
    const odd = { ...tool("calm_write", "Write"), severity: "low" as const };
    const parsed = parsePolicy(startingDocument("limits", [...server, odd]));
    if (!parsed.ok) throw new Error("no policy");
    const reaches = reachable(parsed.policy, [...server, odd, tool("new", "Read")]).map(({ reach }) => reach);
    expect(new Set(reaches)).toEqual(new Set(["under_conditions"]));
    expect(parsed.document.categories?.Destructive?.limits).toEqual([
      { counter: "calls", window: "hour", max: 1, scope: "grant", key: "tool.name" },
    ]);
    expect(parsed.document.tools).toEqual({
      calm_write: { limits: [{ counter: "calm_write_rate", window: "minute", max: 60, scope: "grant" }] },
    });
  });
});

describe("a policy from traffic", () => {
  const row = (name: string, calls: number, perMinuteMax: number, perDayMax: number, refused = 0) => ({
    ...{ tool: name, calls, refused, perMinuteMax, perHourMax: perMinuteMax, perDayMax, grants: 1 },
  });
  const traffic: Traffic = {
    from: "2026-11-15T10:00:00.000Z",
    to: "2026-11-22T10:00:00.000Z",
    calls: 1_204,
    tools: [
      row("vm_list", 1_100, 7, 300),
      row("vm_buy", 3, 2, 2),
      row("vm_ssh", 100, 1, 50, 100),
      row("gone", 1, 1, 1),
    ],
  };

  it("allows what went through, as often as it was called at most, and says where that is from", () => {
    const calendar = { scope: "grant", reset: "calendar" };
    const text = fromTraffic(traffic, server);
    expect(documentOf(text)).toEqual({
      version: "1",
      description: "From 1,204 calls of 2026-11-15 to 2026-11-22: vm_list 1,100, vm_buy 3",
      default: "deny",
      tools: {
        vm_list: {
          limits: [
            { counter: "vm_list_minute", window: "minute", max: 7, ...calendar },
            { counter: "vm_list_day", window: "day", max: 300, ...calendar },
          ],
        },
        vm_buy: { limits: [{ counter: "vm_buy_day", window: "day", max: 2, ...calendar }] },
      },
    });
    expect(parseWithTools(text, server)).toMatchObject({ ok: true, problems: [] });
  });

  it("denies all when nothing was called", () => {
    expect(documentOf(fromTraffic({ ...traffic, calls: 0, tools: [] }, server))).toMatchObject({
      description: "From 0 calls of 2026-11-15 to 2026-11-22",
      tools: {},
    });
  });

  it("lets the same calls through again", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 * 24 * 60 }), { minLength: 1, maxLength: 80 }), (minutes) => {
        const times = minutes.map((minute) => Date.UTC(2026, 10, 15) + minute * 60_000).sort((a, b) => a - b);
        const most = (windowMs: number) => {
          const counts = new Map<number, number>();
          for (const time of times)
            counts.set(Math.floor(time / windowMs), (counts.get(Math.floor(time / windowMs)) ?? 0) + 1);
          return Math.max(...counts.values());
        };
        const seen = row("vm_list", times.length, most(60_000), most(86_400_000));
        const parsed = parsePolicy(fromTraffic({ ...traffic, tools: [seen] }, server));
        if (!parsed.ok) throw new Error("no policy");
        const counters = new Counters();
        for (const now of times) {
          const decision = evaluate(parsed.policy, callOf("vm_list", now), quiet);
          expect("reserve" in decision && counters.reserve(decision.reserve, now).ok).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});

const quiet = { frozen: false, definitionChanged: false };

function callOf(name: string, now: number, args: unknown = {}) {
  return {
    tool: name,
    category: "Execute" as const,
    arguments: args,
    grant: { id: "g", label: "" },
    client: {},
    session: {},
    server: { id: "s" },
    organisation: { id: "o" },
    now,
  };
}

const argumentNames = fc.constantFrom(
  "path",
  "url",
  "sql",
  "command",
  "_callerRole",
  "caller_role",
  "paths",
  "a.b",
  "__proto__",
);
const argumentSchemas = fc.constantFrom<unknown>(
  { type: "string" },
  { type: "array", items: { type: "string" } },
  { type: "number" },
  { enum: ["a", 1, null] },
  { type: ["string", "null"] },
  {},
  null,
);
const tools = fc.record({
  name: fc.oneof(fc.string(), fc.constantFrom("a", "__proto__", "7", "x*", "a/b~")),
  category: fc.constantFrom(...riskCategories),
  severity: fc.constantFrom(...severities),
  inputSchema: fc.oneof(
    fc.record({ type: fc.constant("object"), properties: fc.dictionary(argumentNames, argumentSchemas) }),
    fc.anything(),
  ),
});
