import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../policy/parse.ts";
import { readExpectations } from "../expectations.ts";
import { tryCalls } from "../try-calls.ts";
import { type Converted, convertIntercept } from "./convert.ts";

const folder = path.join(import.meta.dirname, "../cases");
const examples = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
const read = (file: string) => readFileSync(path.join(folder, file), "utf8");

function converted(yaml: string): Extract<Converted, { ok: true }> {
  const answer = convertIntercept(yaml);
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems));
  return answer;
}
const refusal = (yaml: string) => {
  const answer = convertIntercept(yaml);
  return answer.ok ? null : answer.problems.map(({ message }) => message).join("; ");
};
const inTool = (rules: string) => converted(`version: "1"\ntools: { t: { rules: [${rules}] } }`);
const told = ({ notCarried }: { notCarried: { effect: string; sentence: string }[] }) =>
  notCarried.map(({ effect, sentence }) => `${effect}: ${sentence}`);

describe("the example policies", () => {
  it("are enough to say so", () => expect(examples.length).toBeGreaterThanOrEqual(12));

  it.each(examples)("%s becomes a policy without errors, and decides as before", (file) => {
    const parsed = parsePolicy(JSON.stringify(converted(read(file)).document, null, 2));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const expectations = readExpectations(read(file.replace(".yaml", ".test.json")));
    if (!expectations.ok) throw new Error(JSON.stringify(expectations.problems));
    const results = tryCalls(parsed.policy, expectations.expectations, () => "Other");
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
  });

  it("use every field and operator of the format", () => {
    const all = examples.map(read).join("\n");
    const fields =
      "version description default hide tools rules name action rate_limit conditions on_deny state path op value";
    const words = `${fields} counter window increment increment_from minute hour day _global allow deny`;
    const operators = "eq neq in not_in lt lte gt gte regex contains exists";
    const missing = [...words.split(" "), ...operators.split(" ")].filter(
      (word) => !new RegExp(`\\b${word}\\b`).test(all),
    );
    expect(missing).toEqual([]);
  });
});

describe("what cannot be carried over", () => {
  it("is said of each tool of fails-closed.yaml, which is denied", () => {
    const { document, notCarried } = converted(read("fails-closed.yaml"));
    for (const [tool, rule] of Object.entries(document.tools ?? {})) {
      expect(rule.action, tool).toBe("deny");
      const own = notCarried.filter((note) => note.path.startsWith(`/tools/${tool}`) && note.effect === "denied");
      expect(own.length, tool).toBeGreaterThan(0);
    }
  });

  it("has its place in the file", () => {
    const { notCarried } = inTool("{ name: a, action: perhaps, conditions: [{ path: args.a, op: eq, value: x }] }");
    expect(notCarried).toEqual([
      {
        path: "/tools/t/rules/0/action",
        line: 2,
        column: 42,
        effect: "denied",
        sentence: "`action` must be `evaluate` or `deny`; `t` is denied",
      },
    ]);
  });

  it("denies every tool when it may hold for every tool", () => {
    const all = (yaml: string) => converted(yaml).document.all_tools?.action;
    expect(all('version: "1"\nrequire_approval: true\ntools: {}')).toBe("deny");
    expect(all('version: "1"\nhide: { a: b }')).toBe("deny");
    expect(all('version: "1"\ntools: [a]')).toBe("deny");
    expect(all('version: "1"\ntools: { "*": { rules: [{ name: a, rate_limit: often }] } }')).toBe("deny");
    expect(converted('version: "1"\ndefault: ask').document.default).toBe("deny");
  });

  it("keeps what the author said to an agent whose tool is denied", () => {
    const { document } = inTool("{ name: a, rate_limit: often }, { name: b, action: deny, on_deny: Never. }");
    expect(document.tools?.t).toEqual({ action: "deny", reason: "Never." });
  });

  it("is nothing when a word about a rule has no place", () => {
    const answer = converted(
      'version: "1"\nowner: me\ntools: { t: { description: d, rules: [{ name: a, rate_limit: 5/hour, tags: [x] }] } }',
    );
    expect(told(answer)).toEqual([
      "left_out: `owner` restricts nothing there",
      "left_out: `description` restricts nothing there",
      "left_out: `tags` restricts nothing there",
    ]);
  });

  it("denies a name with a star, which is no pattern there, instead of opening what fits it", () => {
    const closed = converted('version: "1"\ndefault: deny\ntools: { vm_*: { rules: [] } }');
    expect(closed.document).toEqual({ version: "1", default: "deny" });
    const open = converted('version: "1"\ntools: { vm_*: { rules: [] } }');
    expect(open.document).toEqual({ version: "1", default: "allow" });
    expect(told(open)).toEqual([
      "left_out: `vm_*` is the name of one tool there, and no pattern; it restricts nothing",
    ]);
  });

  it("includes a regex that is too large for this language", () => {
    const rule = (at: number) =>
      `{ name: r${at}, conditions: [{ path: args.a, op: regex, value: "(x${at}y{900}){10}" }] }`;
    const { document, notCarried } = inTool(Array.from({ length: 14 }, (_, at) => rule(at)).join());
    expect(document.tools?.t?.action).toBe("deny");
    expect(notCarried.some(({ effect }) => effect === "denied")).toBe(true);
    expect(parsePolicy(JSON.stringify(document)).ok).toBe(true);
  });
});

describe("a rule", () => {
  it("with more conditions than fit a group becomes several groups", () => {
    const conditions = Array.from({ length: 100 }, (_, at) => `{ path: args.a${at}, op: exists, value: true }`);
    const { document } = inTool(`{ name: a, conditions: [${conditions}] }`);
    expect(document.tools?.t?.require?.map((group) => group.conditions.length)).toEqual([64, 36]);
  });

  it("that says its rate twice keeps both, under names of their own", () => {
    const { document } = inTool("{ name: a, rate_limit: 5/hour }, { name: a, rate_limit: 3/hour }");
    expect(document.tools?.t?.limits?.map(({ counter, max }) => [counter, max])).toEqual([
      ["a", 5],
      ["a 2", 3],
    ]);
  });

  it("counts for the scope that is asked for, and for the whole server otherwise", () => {
    const yaml = 'version: "1"\ntools: { t: { rules: [{ name: a, rate_limit: 5/hour }] } }';
    const scopeOf = (answer: Converted) => (answer.ok ? answer.document.tools?.t?.limits?.[0]?.scope : null);
    expect([scopeOf(convertIntercept(yaml)), scopeOf(convertIntercept(yaml, "grant"))]).toEqual(["server", "grant"]);
  });

  it("may be for a tool named __proto__ or constructor", () => {
    const { document } = converted(
      'version: "1"\ntools:\n  __proto__: { rules: [{ name: a, action: deny }] }\n  constructor: { rules: [] }',
    );
    expect(Object.keys(document.tools ?? {})).toEqual(["__proto__", "constructor"]);
    expect(JSON.stringify(document)).toContain('"__proto__":{"action":"deny"');
  });
});

describe("a file", () => {
  const nested = (depth: number) => `version: "1"\ntools: ${"[".repeat(depth)}${"]".repeat(depth)}`;
  const bomb = [
    'version: "1"',
    "x-a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
    ..."bcdefghi"
      .split("")
      .map((name, at) => `x-${name}: &${name} [${Array(10).fill(`*${"abcdefgh"[at]}`).join(", ")}]`),
  ].join("\n");

  it.each([
    ["no YAML", 'version: "1', /quote/],
    ["empty", "", /no map/],
    ["of another version", 'version: "2"', /version/],
    ["with a version that is no text", "version: 1.0", /version/],
    ["with a key twice", 'version: "1"\ntools: { a: { rules: [] }, a: { rules: [] } }', /`a` is written twice/],
    ["with a key twice in two spellings", 'version: "1"\ntools: { "5": , 5: }', /`5` is written twice/],
    ["with a field twice", 'version: "1"\nversion: "1"', /`version` is written twice/],
    ["that grows out of its aliases", bomb, /more than 100000 values/],
    ["that holds itself", 'version: "1"\nx-a: &a [*a]', /stands inside what it names/],
    ["with an alias to nothing", 'version: "1"\nx-a: *a', /Unresolved alias|names no anchor/],
    ["nested deeply", nested(100), /nested/],
    ["nested without end", nested(20_000), /nested/],
    ["of two documents", 'version: "1"\n---\nversion: "1"', /multiple documents/],
    ["with a tag of its own", 'version: "1"\ntools: !secret {}', /tag/],
    ["with a key that is a list", 'version: "1"\n? [a]\n: b', /key must be a text/],
    ["larger than any policy", `version: "1"\n#${"x".repeat(1_100_000)}`, /larger/],
  ])("%s is refused", (_, yaml, message) => {
    expect(refusal(yaml)).toMatch(message);
  });

  it("with many keys is read in linear time", () => {
    const keys = Array.from({ length: 30_000 }, (_, at) => `  t${at}:`);
    const started = performance.now();
    expect(refusal(`version: "1"\ntools:\n${keys.join("\n")}`)).toMatch(/too_many|tools|larger/);
    // Quadratic, it would take minutes.
    expect(performance.now() - started).toBeLessThan(20_000);
  }, 60_000);

  it("of any bytes is answered and never thrown at", () => {
    const base = read("stripe.yaml");
    for (let at = 0; at < base.length; at += 41) {
      for (const put of ["", "*", "&", "\t", "{", "-", "\u0000"]) {
        expect(convertIntercept(base.slice(0, at) + put + base.slice(at + 1))).toHaveProperty("ok");
      }
    }
  }, 60_000);
});
