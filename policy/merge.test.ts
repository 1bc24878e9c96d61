import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { applyEdits, type Edit } from "./edit.ts";
import { generateDocument, pick, type Random, randomOf } from "./generate.test-support.ts";
import { generateEdit } from "./generate-edits.test-support.ts";
import { mergeTexts } from "./merge.ts";
import { parsePolicy } from "./parse.ts";

// Many runs, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const limit = (max: number) => ({ counter: "c", window: "minute", max });
const text = (fields: object, indent?: number) =>
  JSON.stringify({ version: "1", default: "deny", ...fields }, null, indent);

function merged(base: object, mine: object, theirs: object): unknown {
  const answer = mergeTexts(text(base), text(mine), text(theirs));
  return answer.ok ? JSON.parse(answer.text) : answer.conflicts;
}
const document = (fields: object) => ({ version: "1", default: "deny", ...fields });

describe("two changes of one document", () => {
  it("come together when they do not meet", () => {
    expect(
      merged(
        { tools: { a: {}, b: {} } },
        { tools: { a: { action: "deny" }, b: {}, mine: {} } },
        { description: "d", tools: { b: { limits: [limit(1)] }, a: {}, theirs: {} } },
      ),
    ).toEqual(
      document({ description: "d", tools: { a: { action: "deny" }, b: { limits: [limit(1)] }, theirs: {}, mine: {} } }),
    );
    expect(merged({}, { tools: { a: {} } }, { tools: { b: {} }, timezone: "UTC" })).toEqual(
      document({ tools: { a: {}, b: {} }, timezone: "UTC" }),
    );
  });

  it("come together inside a rule, a list being one place", () => {
    expect(
      merged(
        { tools: { a: { limits: [limit(1)] } } },
        { tools: { a: { limits: [limit(2)] } } },
        { tools: { a: { limits: [limit(1)], reason: "r" } } },
      ),
    ).toEqual(document({ tools: { a: { limits: [limit(2)], reason: "r" } } }));
  });

  it("that are the same are one", () => {
    const both = { tools: { a: { limits: [limit(3)] } }, hide: ["x"] };
    expect(merged({}, { ...both, timezone: "UTC" }, both)).toEqual(document({ ...both, timezone: "UTC" }));
  });

  it("are named where they meet", () => {
    expect(
      merged(
        { tools: { "a/b": { limits: [limit(1)] }, gone: { reason: "x" }, r: { rate_limit: { max: 1, window: 1 } } } },
        {
          default: "hide",
          all_tools: {},
          tools: { "a/b": { limits: [limit(2)] }, new: {}, r: { rate_limit: { max: 2, window: 1 } } },
        },
        {
          default: "allow",
          all_tools: { reason: "r" },
          tools: {
            "a/b": { limits: [limit(3)] },
            gone: { reason: "y" },
            new: { action: "deny" },
            r: { rate_limit: { max: 1, window: 2 } },
          },
        },
      ),
    ).toEqual(["/default", "/all_tools", "/tools/a~1b/limits", "/tools/gone", "/tools/new", "/tools/r/rate_limit"]);
  });

  it("of the hidden tools are both made", () => {
    expect(merged({ hide: ["a", "b"] }, { hide: ["b", "mine"] }, { hide: ["a", "b", "theirs"] })).toEqual(
      document({ hide: ["b", "theirs", "mine"] }),
    );
    expect(merged({ hide: ["a", "b"] }, { hide: ["b"] }, { hide: ["a"] })).toEqual(document({}));
  });

  it("keep the layout of theirs", () => {
    const base = text({ tools: { a: {}, b: {} } });
    const theirs = text({ tools: { a: {}, b: { action: "deny" } } }, 4);
    const answer = mergeTexts(base, text({ tools: { a: { action: "hide" }, b: {} } }), theirs);
    expect(answer).toEqual({ ok: true, text: text({ tools: { a: { action: "hide" }, b: { action: "deny" } } }, 4) });
  });

  it("keep the order of patterns, which decides between equals", () => {
    const [first, second] = [
      { "a*": {}, "*b": { action: "deny" } },
      { "*b": { action: "deny" }, "a*": {} },
    ];
    const answer = mergeTexts(text({ tools: first }), text({ tools: second }), text({ tools: first, hide: ["x"] }));
    expect(answer.ok && Object.keys(JSON.parse(answer.text).tools)).toEqual(["*b", "a*"]);
    const third = { "a*": {}, "*c": {}, "*b": { action: "deny" } };
    expect(merged({ tools: { ...first, "*c": {} } }, { tools: { ...second, "*c": {} } }, { tools: third })).toEqual([
      "/tools",
    ]);
  });

  it("of which one is no document are merged only when the other changed nothing", () => {
    for (const broken of ["{", "", '{ "version": "2" }', '{"version":"1","version":"1","default":"deny"}']) {
      expect(mergeTexts(text({}), broken, text({}))).toEqual({ ok: true, text: broken });
      expect(mergeTexts(text({}), text({}), broken)).toEqual({ ok: true, text: broken });
      expect(mergeTexts(text({}), broken, text({ hide: ["x"] }))).toEqual({ ok: false, conflicts: [] });
    }
  });
});

describe("all changes", () => {
  it("of one side alone are its text, to the letter", () => {
    forAll(200, (random) => {
      const [base, changed] = generateTexts(random);
      expect(mergeTexts(base, changed, base)).toEqual({ ok: true, text: changed });
      expect(mergeTexts(base, base, changed)).toEqual({ ok: true, text: changed });
    });
  });

  it("of both are in a merge without conflicts, which is a document and has nothing else", () => {
    let count = 0;
    forAll(600, (random) => {
      const [base, mine, theirs] = generateTexts(random);
      const answer = mergeTexts(base, mine, theirs);
      expect(mergeTexts(base, theirs, mine).ok).toBe(answer.ok);
      if (!answer.ok) {
        expect(answer.conflicts.length).toBeGreaterThan(0);
        return;
      }
      count += 1;
      const parsed = parsePolicy(answer.text);
      expect(parsed.ok, JSON.stringify(parsed.problems)).toBe(true);
      const [b, m, t, result] = [base, mine, theirs, answer.text].map((each) => leaves(JSON.parse(each)));
      if (!b || !m || !t || !result) throw new Error("four texts");
      for (const place of new Set([...b.keys(), ...m.keys(), ...t.keys(), ...result.keys()])) {
        const [old, own, other] = [b.get(place), m.get(place), t.get(place)];
        expect(result.get(place), place).toBe(own === old ? other : own);
      }
    });
    expect(count).toBeGreaterThan(200);
  });
});

function forAll(numRuns: number, promise: (random: Random) => void): void {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_294_967_295 }), (seed) => promise(randomOf(seed))),
    { numRuns },
  );
}

function generateTexts(random: Random): [base: string, mine: string, theirs: string] {
  const base = JSON.stringify(generateDocument(random), null, pick(random, [undefined, 2]));
  const edits = (): Edit[] => Array.from({ length: 1 + Math.floor(random() * 3) }, () => generateEdit(random));
  return [base, applyEdits(base, edits()), applyEdits(base, edits())];
}

/** What stands where, as far down as changes of the same place are told apart; of `hide` each name for itself. */
function leaves(value: Record<string, unknown>): Map<string, string> {
  const found = new Map<string, string>();
  const rule = (at: string, fields: object) => {
    found.set(at, "there");
    for (const [name, held] of Object.entries(fields)) found.set(`${at}/${name}`, sorted(held));
  };
  for (const [name, held] of Object.entries(value)) {
    if (name === "hide") for (const tool of held as string[]) found.set(`hide ${tool}`, "there");
    else if (name === "all_tools") rule(name, held as object);
    else if (name === "tools" || name === "categories") {
      for (const [entry, fields] of Object.entries(held as object)) rule(`${name} ${entry}`, fields);
    } else found.set(name, sorted(held));
  }
  return found;
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, held) =>
    typeof held === "object" && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );
}
