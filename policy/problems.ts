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
  | "never_allows";

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
