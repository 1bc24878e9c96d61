import { check, checkWithoutPatterns } from "./check.ts";
import { compile, type Policy } from "./compile.ts";
import { type JsonNode, parseJson, plainValue } from "./json.ts";
import { inOrder, place } from "./place.ts";
import { type Finding, type Problem, problemsMax } from "./problems.ts";
import { documentBytesMax, type PolicyDocument } from "./schema.ts";
import { checkShape } from "./shape.ts";

export type ParsedPolicy =
  | { ok: true; policy: Policy; document: PolicyDocument /** Warnings only. */; problems: Problem[] }
  | { ok: false; problems: Problem[] };

/**
 * Reads, checks and compiles a policy document. Never throws.
 *
 * @returns At most `problemsMax` problems, in the order of the text. Warnings come only with a document that is whole, and
 *   anything but the first syntax fault only when the text is JSON.
 */
export function parsePolicy(text: string): ParsedPolicy {
  if (isTooLarge(text)) return { ok: false, problems: [tooLarge] };
  const { root, problems } = parseJson(text);
  if (root === null) return { ok: false, problems: inOrder(text, problems.slice(0, problemsMax)) };

  const shape = checkShape(plainValue(root));
  if ("findings" in shape) {
    const deeper = check(shape.rest).findings.filter(({ severity }) => severity === "error");
    return refused(text, root, problems, [...shape.findings, ...deeper]);
  }
  const { findings, patterns } = check(shape.document);
  if (problems.length > 0 || findings.some(({ severity }) => severity === "error")) {
    return refused(text, root, problems, findings);
  }
  return {
    ok: true,
    policy: compile(shape.document, patterns),
    document: shape.document,
    problems: inOrder(text, place(root, findings.slice(0, problemsMax))),
  };
}

/**
 * Reads and checks a document as `parsePolicy` does, but compiles nothing of it; a regex that RE2 refuses is found by
 * `compilePattern`. In steps of some milliseconds at most for a document of some hundred rules, so that whoever has other things
 * to do can do them in between. Never throws.
 */
export function* readInSteps(
  text: string,
): Generator<undefined, { ok: true; document: PolicyDocument } | { ok: false; problems: Problem[] }> {
  if (isTooLarge(text)) return { ok: false, problems: [tooLarge] };
  const { root, problems } = parseJson(text);
  if (root === null || problems.length > 0)
    return { ok: false, problems: inOrder(text, problems.slice(0, problemsMax)) };
  yield;
  const shape = checkShape(plainValue(root));
  if ("findings" in shape) return refused(text, root, [], shape.findings);
  yield;
  const findings = checkWithoutPatterns(shape.document);
  return findings.length > 0 ? refused(text, root, [], findings) : { ok: true, document: shape.document };
}

const tooLarge: Problem = {
  code: "too_large",
  pointer: "",
  message: `the document is larger than ${documentBytesMax / 1024} KiB; split it over several grants or use globs`,
  severity: "error",
};

function refused(
  text: string,
  root: JsonNode,
  problems: Problem[],
  findings: Finding[],
): { ok: false; problems: Problem[] } {
  // Errors first into what is kept: warnings must not push out the reason of the refusal.
  const errorsFirst = [...findings].sort((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
  const kept = errorsFirst.slice(0, Math.max(0, problemsMax - problems.length));
  return { ok: false, problems: inOrder(text, [...problems.slice(0, problemsMax), ...place(root, kept)]) };
}

function isTooLarge(text: string): boolean {
  // A UTF-16 unit is one to three bytes of UTF-8.
  if (text.length > documentBytesMax) return true;
  return text.length * 3 > documentBytesMax && new TextEncoder().encode(text).length > documentBytesMax;
}
