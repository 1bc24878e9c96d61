import * as z from "zod";
import { riskCategories } from "../catalog/schema.ts";
import { decisionCodes } from "../policy/evaluate.ts";
import { type JsonNode, nodeAt, parseJson, plainValue } from "../policy/json.ts";
import { inOrder, place } from "../policy/place.ts";
import type { Path } from "../policy/pointer.ts";
import type { Finding } from "../policy/problems.ts";
import { suggestion } from "../policy/suggest.ts";
import { type PlacedProblem, withColumns } from "./problem-lines.ts";

// The file beside a policy: calls in the order in which they come, each with the decision it should meet.

const text = z.string("must be a text");
const waits = "must be whole seconds, or null for never";
const times = 'must be seconds since the start, or a time such as "2026-01-05T12:00:00Z"';
const sessions = "must be a text, or null for none";
const expectedSchema = z.strictObject({
  code: z.enum(decisionCodes),
  rule: text.optional(),
  message: text.optional(),
  retry_after_s: z.union([z.int(waits).min(1, waits), z.null()], waits).optional(),
});
const expectationSchema = z.strictObject({
  name: text.optional(),
  tool: text.min(1, "must name a tool"),
  category: z.enum(riskCategories).optional(),
  arguments: z.unknown().optional(),
  at: z.union([z.number(times).min(0, times), z.iso.datetime({ offset: true, error: times })], times).optional(),
  grant: text.optional(),
  client: text.optional(),
  session: z.union([z.string(sessions).min(1, sessions), z.null()], sessions).optional(),
  repeat: z.int("must be a whole number").min(1, "must be 1 or more").max(100_000, "must be 100000 or less").optional(),
  // The code alone is the usual case.
  expect: z.preprocess((value) => (typeof value === "string" ? { code: value } : value), expectedSchema),
});
/** With its place in the file. */
export type Expectation = z.infer<typeof expectationSchema> & { line: number; column: number };

/** Reads a file of expectations; every fault in it comes back with its place. */
export function readExpectations(
  json: string,
): { ok: true; expectations: Expectation[] } | { ok: false; problems: PlacedProblem[] } {
  const { root, problems } = parseJson(json);
  if (root === null || problems.length > 0) return { ok: false, problems: located(json, problems) };
  const findings = root.kind === "array" ? [] : [fault([], "the file must be a list of calls in square brackets")];
  if (root.kind === "array" && root.items.length === 0)
    findings.push(fault([], "the file expects nothing; add a call"));
  const found = root.kind === "array" ? root.items.map((item, index) => readOne(item, index)) : [];
  findings.push(...found.flatMap((one) => (Array.isArray(one) ? one : [])));
  if (findings.length > 0) return { ok: false, problems: located(json, place(root, findings)) };
  const starts = root.kind === "array" ? root.items.map(({ from }) => placeOf(json, from)) : [];
  return {
    ok: true,
    expectations: found.flatMap((one, index) => {
      return Array.isArray(one) ? [] : [{ ...one, ...(starts[index] ?? { line: 1, column: 1 }) }];
    }),
  };
}

function readOne(item: JsonNode, index: number): z.infer<typeof expectationSchema> | Finding[] {
  const parsed = expectationSchema.safeParse(plainValue(item));
  if (parsed.success) return parsed.data;
  return parsed.error.issues.flatMap((issue) => findingsOf(issue, index, item));
}

function findingsOf(issue: z.core.$ZodIssue, index: number, item: JsonNode): Finding[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(path[0] === "expect" ? expectedSchema.shape : expectationSchema.shape);
    return issue.keys.map((key) => ({
      ...fault([index, ...path, key], `\`${key}\` is no field here; ${suggestion(key, known)}`, "unknown_field"),
      atKey: true,
    }));
  }
  if (path.length === 0) return [fault([index], "a call must be an object in curly brackets")];
  // A code that stands for the whole of `expect` has no field of its own in the text.
  let found = nodeAt(item, path);
  const at = [...path];
  while (found === null && at.length > 1 && nodeAt(item, at.slice(0, -1))?.node.kind === "scalar") {
    at.pop();
    found = nodeAt(item, at);
  }
  const name = path.at(-1);
  if (found === null) {
    return [fault([index, ...at.slice(0, -1)], `\`${name}\` is missing; add it`, "missing_field")];
  }
  const written = found.node.kind === "scalar" ? found.node.value : undefined;
  if (issue.code === "invalid_value" && typeof written === "string") {
    const message = `\`${written.slice(0, 64)}\` is no ${name}; ${suggestion(written, issue.values.map(String))}`;
    return [fault([index, ...at], message, "unknown_value")];
  }
  const message =
    path[0] === "expect" && at.length === 1 ? "must be a code, or an object with a `code`" : issue.message;
  return [fault([index, ...at], `\`${at.at(-1)}\` ${lowerCase(message)}`)];
}

function lowerCase(message: string): string {
  return /^(Invalid|Too|Expected)/.test(message) ? `is not right: ${message.toLowerCase()}` : message;
}

function fault(path: Path, message: string, code: Finding["code"] = "wrong_type"): Finding {
  return { code, path, message, severity: "error" };
}

function located(json: string, problems: Parameters<typeof inOrder>[1]): PlacedProblem[] {
  return withColumns(json, inOrder(json, problems));
}

function placeOf(json: string, offset: number): { line: number; column: number } {
  const before = json.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
