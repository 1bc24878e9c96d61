import type { Path } from "./pointer.ts";

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
