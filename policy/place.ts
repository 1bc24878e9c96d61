import { type JsonNode, nodeAt } from "./json.ts";
import { pointerOf } from "./pointer.ts";
import type { Finding, Problem } from "./problems.ts";

/** Gives findings their places in the text. */
export function place(root: JsonNode, findings: readonly Finding[]): Problem[] {
  return findings.map(({ code, message, severity, path, atKey }) => {
    const problem: Problem = { code, pointer: pointerOf(path), message, severity };
    const found = nodeAt(root, path);
    const span = atKey && found?.member ? found.member : found?.node;
    // A missing field is missing from a whole object; its opening bracket is enough to find it.
    if (span) Object.assign(problem, { from: span.from, to: code === "missing_field" ? span.from + 1 : span.to });
    return problem;
  });
}

/** Adds the line to every problem that has a place, and puts them in the order of the text; errors first at one place. */
export function inOrder(text: string, problems: readonly Problem[]): Problem[] {
  const sorted = [...problems].sort(
    (a, b) => (a.from ?? 0) - (b.from ?? 0) || Number(a.severity === "warning") - Number(b.severity === "warning"),
  );
  let line = 1;
  let at = 0;
  return sorted.map((problem) => {
    if (problem.from === undefined) return problem;
    for (; at < problem.from; at += 1) if (text.charCodeAt(at) === 10) line += 1;
    return { ...problem, line };
  });
}
