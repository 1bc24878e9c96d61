import { type JsonNode, nodeAt } from "./json.ts";
import { type Path, pointerOf } from "./pointer.ts";

export type ProblemCode =
  | "syntax"
  | "too_large"
  | "too_deep"
  | "duplicate_key"
  | "unknown_field"
  | "missing_field"
  | "wrong_type"
  | "unknown_value"
  | "unknown_operator"
  | "value_does_not_fit"
  | "bad_regex"
  | "bad_path"
  | "bad_number"
  | "bad_name"
  | "duplicate_counter"
  | "conflicting_fields"
  | "too_many_tools"
  | "too_many_conditions"
  | "unknown_timezone"
  | "never_fires"
  | "never_allows"
  // Only where the server's tools are known (warn-tools.ts).
  | "unknown_tool"
  | "unguarded_tool"
  | "unknown_argument"
  | "argument_type";

/** A document that is wrong in a thousand places is no better served by a thousand sentences. */
export const problemsMax = 200;

/** What is wrong with a document, and how to mend it. */
export type Problem = {
  code: ProblemCode;
  /** JSON Pointer into the document; "" is the document itself. */
  pointer: string;
  /** A sentence without capital and period; the author's own words stand in backticks. */
  message: string;
  /** A document with an error cannot be published; with warnings it can. */
  severity: "error" | "warning";
  /** UTF-16 offsets into the text, `to` exclusive. */
  from?: number;
  to?: number;
  /** Line of `from`, the first line is 1. */
  line?: number;
};

/** A problem before its place in the text is known. */
export type Finding = Pick<Problem, "code" | "message" | "severity"> & {
  path: Path;
  /** Underline the field's name and not its value. */
  atKey?: boolean;
};

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
