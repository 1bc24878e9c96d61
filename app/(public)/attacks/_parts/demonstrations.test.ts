import { describe, expect, it } from "vitest";
import { attacks } from "../../../../catalog/attacks.ts";
import { classify } from "../../../../catalog/classify.ts";
import { parsePolicy } from "../../../../policy/parse.ts";
import { compareDefinitions } from "./compare-definitions.ts";
import { decideCalls } from "./decide-calls.ts";

function policyOf(text: string) {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}

const all = attacks.flatMap(({ slug, demonstrations }) =>
  demonstrations.map((demonstration) => [`${slug}: ${demonstration.title}`, demonstration] as const),
);

describe("a policy of the attack library", () => {
  const texts = [
    ...attacks.flatMap(({ slug, policy }) => (policy === null ? [] : [[slug, policy] as const])),
    ...all.flatMap(([name, one]) => ("policy" in one ? [[name, one.policy] as const] : [])),
  ];
  it.each(texts)("can be pasted and published: %s", (_name, text) => {
    const { document, problems } = policyOf(text);
    expect(problems).toEqual([]);
    expect(document.default).toBe("deny");
  });
});

describe("calls of an attack", () => {
  const shown = all.flatMap(([name, one]) => (one.kind === "calls" ? [[name, one] as const] : []));
  it.each(shown)("are decided as the page says: %s", (_name, { policy, calls }) => {
    const decided = decideCalls(policyOf(policy).policy, calls);
    expect(decided.map(({ code }, index) => `${calls[index]?.about}: ${code}`)).toEqual(
      calls.map(({ about, expect: code }) => `${about}: ${code}`),
    );
    for (const { message } of decided) expect(message).not.toBe("");
  });

  it.each(shown)("come in order, and one at least is refused and one is not: %s", (_name, { calls }) => {
    expect(calls.map(({ atS }) => atS)).toEqual(calls.map(({ atS }) => atS).sort((a, b) => a - b));
    expect(calls.some(({ expect: code }) => code === "allowed")).toBe(true);
    expect(calls.some(({ expect: code }) => code !== "allowed")).toBe(true);
  });
});

describe("a changed definition", () => {
  const shown = all.flatMap(([name, one]) => (one.kind === "definition" ? [[name, one] as const] : []));
  it.each(shown)("is graded and its call decided as the page says: %s", (_name, one) => {
    const { grades, decided, isSame } = compareDefinitions(policyOf(one.policy).policy, one);
    expect(grades).toEqual(one.expectGrades);
    expect(decided.code).toBe(one.call.expect);
    expect(isSame).toBe(one.expectGrades.length === 0);
  });
});

describe("a hostile definition", () => {
  const shown = all.flatMap(([, one]) => (one.kind === "classification" ? one.tools : []));
  it.each(shown)("is classified as the page says: $about", ({ definition, expect: category, expectFindings }) => {
    const answer = classify(definition);
    expect(answer.category).toBe(category);
    expect(answer.findings.map(({ code }) => code).sort()).toEqual([...expectFindings].sort());
  });
});
