import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";
import { brokenPromises, type Engine, readCases } from "./run-cases.test-support.ts";

// Would the decision cases notice? A copy of the engine with one deliberate bug at a time is put through all of them.

// Each copy is read and compiled anew.
vi.setConfig({ testTimeout: 60_000 });

const room = import.meta.dirname;
const cases = readdirSync(path.join(room, "cases"))
  .filter((name) => name.endsWith(".json"))
  .flatMap((name) => readCases(readFileSync(path.join(room, "cases", name), "utf8")));

const copies = mkdtempSync(path.join(tmpdir(), "policy-mutants-"));
afterAll(() => rmSync(copies, { recursive: true, force: true }));

/** The engine, with one text of one file replaced. The text must be there exactly once. */
async function engineWith(name: string, bug: { file: string; text: string; instead: string } | null): Promise<Engine> {
  const root = path.join(copies, name);
  mkdirSync(path.join(root, "policy"), { recursive: true });
  for (const file of readdirSync(room).filter((one) => /^[a-z-]+\.ts$/.test(one))) {
    cpSync(path.join(room, file), path.join(root, "policy", file));
  }
  cpSync(path.join(room, "../catalog"), path.join(root, "catalog"), { recursive: true });
  symlinkSync(path.join(room, "../node_modules"), path.join(root, "node_modules"), "junction");
  if (bug) {
    const file = path.join(root, "policy", bug.file);
    const parts = readFileSync(file, "utf8").split(bug.text);
    if (parts.length !== 2) throw new Error(`\`${bug.text}\` is ${parts.length - 1} times in ${bug.file}`);
    writeFileSync(file, parts.join(bug.instead));
  }
  const load = (file: string) => import(/* @vite-ignore */ pathToFileURL(path.join(root, "policy", file)).href);
  const [parsing, evaluation, counting] = await Promise.all([load("parse.ts"), load("evaluate.ts"), load("limits.ts")]);
  return { ...parsing, ...evaluation, Counters: counting.Counters };
}

const bugs: [name: string, file: string, text: string, instead: string][] = [
  ["an exact name loses to a glob", "evaluate.ts", "  if (exact) return exact;\n", "\n"],
  ["the default allows", "evaluate.ts", 'if (policy.default !== "allow") {', 'if (policy.default === "hide") {'],
  ["hide is forgotten", "evaluate.ts", 'if (policy.hides(tool)) return "/hide";', ""],
  [
    "an unclear requirement passes",
    "evaluate.ts",
    '"does_not_hold") === "holds") continue;',
    '"does_not_hold") !== "does_not_hold") continue;',
  ],
  [
    "an unclear deny_if passes",
    "evaluate.ts",
    '"deny_if", "holds") === "does_not_hold") continue;',
    '"deny_if", "holds") !== "holds") continue;',
  ],
  [
    "an unclear approve_if passes",
    "evaluate.ts",
    '"approve_if", "holds") !== "does_not_hold") return',
    '"approve_if", "holds") === "holds") return',
  ],
  ["all_tools is not asked", "evaluate.ts", "both(own, policy.allTools)", "both(own, null)"],
  ["action deny is not asked", "evaluate.ts", 'if (rule.action !== "deny") continue;', "continue;"],
  ["limits are not reserved", "evaluate.ts", "      reserve.push(reservation);\n", ""],
  [
    "an increment that is no number counts nothing",
    "evaluate.ts",
    "if (reservation === null) {",
    "if (reservation === null) continue;\n      if (false) {",
  ],
  [
    "an unclear condition outweighs one that does not hold",
    "evaluate.ts",
    "      answer = outcome;\n      break;",
    "      answer = outcome;\n      continue;",
  ],
  ["look-alikes pass", "evaluate.ts", "if (lookAlike !== null) {", "if (lookAlike === undefined) {"],
  [
    "frozen is asked after hide",
    "evaluate.ts",
    'if (state.frozen) return { code: "frozen"',
    'if (false) return { code: "frozen"',
  ],
  ["a changed definition passes", "evaluate.ts", "if (state.definitionChanged) {", "if (false) {"],
  ["approval is not asked of action", "evaluate.ts", 'if (rule.action === "require_approval") {', "if (false) {"],
  [
    "[*] of require needs only one element",
    "condition.ts",
    'quantifier === "any" ? "holds" : "does_not_hold";\n',
    '"holds";\n',
  ],
  [
    "an empty list meets no requirement",
    "condition.ts",
    'quantifier === "any" ? "does_not_hold" : "holds";',
    '"does_not_hold";',
  ],
  [
    "a step into a text is absent",
    "condition.ts",
    'if (value === mistyped) return "indeterminate";',
    "if (value === mistyped) return test.absent;",
  ],
  [
    "numbers are coerced",
    "operators.ts",
    "Number.isFinite(value) && Number.isFinite(expected)",
    'value !== "" && !Number.isNaN(Number(value))',
  ],
  ["lte leaves the bound out", "operators.ts", "value <= bound", "value < bound"],
  [
    "neq does not hold of nothing",
    "operators.ts",
    'case "neq":\n      return { absent: "holds"',
    'case "neq":\n      return { absent: "does_not_hold"',
  ],
  ["null exists", "operators.ts", "truth((value !== null) === expected)", "truth((value !== undefined) === expected)"],
  ["inherited properties count", "path.ts", "Object.hasOwn(value, segment.name) ?", "segment.name in value ?"],
  ["the widest glob comes first", "compile.ts", "literalsOf(b) - literalsOf(a)", "literalsOf(a) - literalsOf(b)"],
  ["the window is a millisecond short", "limits.ts", "<= now - this.windowMs", "<= now - this.windowMs + 1"],
  [
    "max plus one passes",
    "limits.ts",
    "for (let index = this.head; used + units > max &&",
    "for (let index = this.head; used + units > max + 1_000_000_000n &&",
  ],
  ["sessions share a counter", "quota.ts", "JSON.stringify(call.session.id)", "0"],
  [
    "a group needs only one condition",
    "evaluate.ts",
    'if (outcome === "does_not_hold") {',
    'if (outcome === "holds") return "holds";\n    if (outcome === "does_not_hold") {',
  ],
];

describe("the decision cases", () => {
  it("find nothing in a copy without a bug", async () => {
    const engine = await engineWith("none", null);
    expect(cases.flatMap((one) => brokenPromises(engine, one))).toEqual([]);
  });

  it.each(bugs.map(([name, file, text, instead], index) => ({ name, bug: { file, text, instead }, index })))(
    "catch it when $name",
    async ({ bug, index }) => {
      const engine = await engineWith(`bug-${index}`, bug);
      const broken = cases.flatMap((one) => brokenPromises(engine, one));
      expect(broken.length).toBeGreaterThan(0);
      // A copy that only breaks down would prove nothing about the cases.
      expect(broken.filter((line) => line.includes("(fault)"))).toEqual([]);
    },
  );
});
