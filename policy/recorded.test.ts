import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type Decision, evaluate, type ToolCall } from "./evaluate.ts";
import {
  generateArguments,
  generateCall,
  generateDocument,
  pick,
  type Random,
  randomOf,
  startTime,
} from "./generate.test-support.ts";
import { type ArgumentNeed, argumentNeeds, mentionedPaths } from "./mentioned.ts";
import { parsePolicy } from "./parse.ts";
import { rebuildArguments } from "./rebuild.ts";
import { andMore, argumentNames, mentionsOf, type RecordedArguments, recordArguments } from "./recorded.ts";
import type { PolicyDocument } from "./schema.ts";

vi.setConfig({ testTimeout: 60_000 });

const state = { frozen: false, definitionChanged: false };

function policyOf(document: unknown) {
  const parsed = parsePolicy(typeof document === "string" ? document : JSON.stringify(document));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

/** Kept as JSON, as the log does. */
function recorded(args: unknown, paths: readonly string[]): RecordedArguments | null {
  const mentions = mentionsOf(paths);
  const kept = mentions && recordArguments(args, mentions);
  return kept === null ? null : JSON.parse(kept);
}

/** The call as it can be decided again; null when nobody can say. */
function again(policy: ReturnType<typeof policyOf>, call: ToolCall, paths: readonly string[]): ToolCall | null {
  const needs = argumentNeeds(policy, call.tool, call.category);
  const answer = rebuildArguments(recorded(call.arguments, paths), argumentNames(call.arguments), needs);
  return answer.known ? { ...call, arguments: answer.arguments } : null;
}

/** A value that only a forgiving server, or a hostile client, would think of. */
function strangeArguments(random: Random): unknown {
  const args = generateArguments(random) as Record<string, unknown>;
  if (typeof args !== "object" || args === null || Array.isArray(args)) return args;
  const strange: [string, unknown][] = [
    ["o", { x: { y: "long".repeat(100), Y: 1 }, X: 2 }],
    ["s", "s".repeat(255)],
    ["v", "ü".repeat(100)],
    ["list", Array.from({ length: 70 }, (_, nth) => nth)],
    ["list", [{ x: 1 }, { X: 1 }]],
    ["list", [[], [Number.NaN, {}], null]],
    ["list", { "0": { x: 1 }, "\uff10": 1 }],
    ["o", { "0": Number.NaN, "x\u200b": 1 }],
    ["\uFFFD", 1],
    ["__proto__", { x: 1 }],
    ["constructor", 1],
  ];
  const [name, value] = pick(random, strange);
  const own = Object.assign(Object.create(null), args);
  own[name] = value;
  return own;
}

describe("a call decided again from what was recorded of it", () => {
  it("is decided as it was, whenever it is known, for any two documents", () => {
    let known = 0;
    let unknown = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_294_967_295 }), (seed) => {
        const random = randomOf(seed);
        const document = generateDocument(random);
        const policy = policyOf(document);
        // What others mention is recorded too; at times the document is new and its own paths were not.
        const others = [generateDocument(random), generateDocument(random)];
        const paths = mentionedPaths(random() < 0.3 ? others : [document, ...others]);
        for (let nth = 0; nth < 15; nth += 1) {
          const call = generateCall(random, startTime + nth * 20_000);
          if (random() < 0.4) call.arguments = strangeArguments(random);
          const rebuilt = again(policy, call, paths);
          if (rebuilt === null) unknown += 1;
          else {
            known += 1;
            const same: Decision = evaluate(policy, rebuilt, state, { trace: true });
            expect(same, JSON.stringify([document, call])).toEqual(evaluate(policy, call, state, { trace: true }));
          }
        }
      }),
      { numRuns: 1_000 },
    );
    expect(known).toBeGreaterThan(unknown * 2);
  });

  it("is the same for arguments that look like the ones a rule reads", () => {
    const document = rule({ deny_if: [{ conditions: [{ path: "args.role", op: "exists", value: true }] }] });
    for (const name of ["Role", "ROLE", "r\u200bole", "ｒole"]) {
      const answer = rebuildArguments(
        null,
        argumentNames({ [name]: 1 }),
        argumentNeeds(policyOf(document), "t", "Read"),
      );
      if (!answer.known) throw new Error("unknown");
      expect(decided(document, answer.arguments)).toMatchObject({ code: "ambiguous_argument" });
    }
    // Postgres takes no NUL, so the log says U+FFFD.
    expect(rebuildArguments(null, ["role\uFFFD"], argumentNeeds(policyOf(document), "t", "Read")).known).toBe(false);
  });
});

const rule = (one: object) => ({ version: "1", default: "deny", tools: { t: one } }) as PolicyDocument;
const condition = (path: string, op: string, value: unknown) =>
  rule({ deny_if: [{ conditions: [{ path, op, value }] }] });
const call = (args: unknown): ToolCall => ({
  tool: "t",
  category: "Read",
  arguments: args,
  grant: { id: "g", label: "" },
  client: {},
  session: {},
  server: { id: "s" },
  organisation: { id: "o" },
  now: startTime,
});
const decided = (document: PolicyDocument, args: unknown) => evaluate(policyOf(document), call(args), state);
const isKnown = (document: PolicyDocument, args: unknown, paths = mentionedPaths([document])) =>
  again(policyOf(document), call(args), paths) !== null;

describe("what is not known", () => {
  it("is a value that was withheld: too long, too many, or no scalar where its content matters", () => {
    const equal = condition("args.x", "eq", "y");
    expect(isKnown(equal, { x: "a" })).toBe(true);
    expect(isKnown(equal, { x: "a".repeat(254) })).toBe(true);
    expect(isKnown(equal, { x: "a".repeat(255) })).toBe(false);
    expect(isKnown(equal, { x: "ü".repeat(130) })).toBe(false);
    expect(isKnown(equal, { x: ["y"] })).toBe(false);
    expect(isKnown(equal, { x: {} })).toBe(false);
    const each = condition("args.x[*]", "eq", "y");
    expect(isKnown(each, { x: Array(64).fill("a") })).toBe(true);
    expect(isKnown(each, { x: Array(65).fill("a") })).toBe(false);
    expect(isKnown(each, { x: { a: 1 } })).toBe(true);
  });

  it("is whatever stands behind more than is kept of one call", () => {
    const document = condition("args.o.x", "eq", "never");
    const paths = ["args.a[*]", "args.b[*]", "args.o.x"];
    const much = Array(64).fill("v".repeat(250));
    expect(isKnown(document, { a: much, o: { x: "never" } }, paths)).toBe(true);
    expect(isKnown(document, { a: much, b: much, o: { x: "never" } }, paths)).toBe(false);
    expect(isKnown(condition("args.x", "gt", 1), { a: much, b: much, x: 2 }, [...paths, "args.x"])).toBe(false);
  });

  it("but not where its type decides alone", () => {
    for (const value of [{ a: 1 }, [Number.NaN], "a".repeat(1_000)]) {
      expect(isKnown(condition("args.x", "exists", true), { x: value })).toBe(true);
      expect(isKnown(condition("args.x", "gt", 1), { x: value })).toBe(true);
      expect(isKnown(condition("args.x.y", "eq", 1), { x: value })).toBe(true);
    }
    expect(isKnown(condition("args.x", "regex", "a"), { x: ["a"] })).toBe(true);
    expect(isKnown(condition("args.x", "regex", "a"), { x: "a".repeat(1_000) })).toBe(false);
  });

  it("is an argument that nobody asked about then, unless the call did not have it", () => {
    expect(isKnown(condition("args.x", "eq", "y"), { x: "y" }, [])).toBe(false);
    expect(isKnown(condition("args.x", "eq", "y"), { x: "y" }, ["args.x.y"])).toBe(false);
    expect(isKnown(condition("args.x", "eq", "y"), { z: "y" }, [])).toBe(true);
    expect(isKnown(rule({}), { x: "y" }, [])).toBe(true);
  });

  it("is anything about arguments that are no object, or whose names are not all told", () => {
    const equal = condition("args.x", "eq", "y");
    for (const args of ["x", 1, [], ["x"]]) expect(isKnown(equal, args)).toBe(false);
    expect(isKnown(equal, null)).toBe(true);
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, nth) => [`n${nth}`, 1]));
    expect(argumentNames(many).at(-1)).toBe(andMore);
    expect(isKnown(equal, many)).toBe(false);
    expect(isKnown(equal, { ["n".repeat(129)]: 1 })).toBe(false);
    const deep = { n: Object.fromEntries(Array.from({ length: 10_000 }, (_, nth) => [`n${nth}`, 1])) };
    expect(isKnown(equal, deep)).toBe(false);
  });
});

describe("what is recorded", () => {
  it("is what paths lead to, and nothing beside it", () => {
    const args = { a: { b: "kept", c: "secret" }, d: "secret", f: [{ p: 1, q: "secret" }, "secret"], g: "secret" };
    const paths = ["args.a.b", "args.f[*].p", "args.g.h"];
    expect(JSON.stringify(recorded(args, paths))).not.toContain("secret");
    expect(recorded(args, paths)).toEqual({
      paths,
      values: [
        ["a", { fields: [["b", { value: "kept" }]] }],
        ["f", { items: [{ fields: [["p", { value: 1 }]] }, { withheld: "not_mentioned", type: "string" }] }],
        ["g", { withheld: "not_mentioned", type: "string" }],
      ],
    });
  });

  it("is nothing when no path leads into the arguments", () => {
    expect(recorded({ a: 1 }, ["args.b"])).toBeNull();
    expect(recorded({ a: 1 }, [])).toBeNull();
    expect(recorded([1], ["args.0"])).toBeNull();
  });

  it("is bounded for any arguments", () => {
    const wide = (depth: number): unknown => (depth === 0 ? "v".repeat(200) : Array(64).fill(wide(depth - 1)));
    const looking = Object.fromEntries(
      Array.from({ length: 4_096 }, (_, nth) => [
        [..."abcdefghijkl"].map((letter, at) => ((nth >> at) & 1 ? letter.toUpperCase() : letter)).join(""),
        "v",
      ]),
    );
    const paths = ["args.x[*]", "args.x[*][*]", "args.x[*][*][*]", "args.o.abcdefghijkl"];
    const kept = JSON.stringify(recorded({ x: wide(3), o: looking }, paths));
    expect(kept.length).toBeLessThan(40_000);
  });
});

describe("mentioned paths", () => {
  it("are those of conditions, amounts and keys, in documents and their texts, each once", () => {
    const document = {
      version: "1",
      default: "allow",
      all_tools: { require: [{ conditions: [{ path: "args.a", op: "exists", value: true }] }] },
      categories: {
        Read: { limits: [{ counter: "c", window: "day", max: 1, key: "args.k", increment_from: "args.n" }] },
      },
      tools: {
        "t*": {
          approve_if: [{ conditions: [{ path: "time.hour", op: "gt", value: 3 }] }],
          deny_if: [{ conditions: [{ path: "args.a", op: "eq", value: { path: "args.no" } }] }],
        },
      },
    } as PolicyDocument;
    expect(mentionedPaths([document, JSON.stringify(document), "{", "null", '{"tools":[1]}'])).toEqual([
      "args.a",
      "args.k",
      "args.n",
    ]);
  });

  it("say what of a value decides", () => {
    const needs: ArgumentNeed[] = argumentNeeds(
      policyOf(
        rule({
          deny_if: [{ conditions: [{ path: "args.a", op: "gt", value: 1 }] }],
          require: [{ conditions: [{ path: "args.a", op: "neq", value: 1 }] }],
          limits: [{ counter: "c", window: "day", max: 1, key: "args.k", increment_from: "args.n" }],
        }),
      ),
      "t",
      "Read",
    );
    expect(needs).toEqual([
      { path: "args.a", reads: "content" },
      { path: "args.n", reads: "type" },
      { path: "args.k", reads: "scalar" },
    ]);
    expect(argumentNeeds(policyOf(condition("args.a", "eq", 1)), "other", "Read")).toEqual([]);
  });
});
