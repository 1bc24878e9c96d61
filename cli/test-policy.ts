import type { RiskCategory } from "../catalog/schema.ts";
import type { TraceStep } from "../policy/evaluate.ts";
import type { PolicyDocument } from "../policy/schema.ts";
import { nearest } from "../policy/suggest.ts";
import { type Answer, lines, shown, troubled, unreadable } from "./answer.ts";
import type { Input } from "./commands.ts";
import { type Expectation, readExpectations } from "./expectations.ts";
import type { Io } from "./io.ts";
import { harmless, type Paint, painter } from "./paint.ts";
import { invalidPolicy, readPolicy } from "./policy-file.ts";
import { type PlacedProblem, problemLine } from "./problem-lines.ts";
import { type FileTool, readTools } from "./tools-file.ts";
import { type Result, startTime, timeOf, tryCalls } from "./try-calls.ts";

/** `policylayer test FILE` */
export async function testPolicy({ files: [file = "-"], values }: Input, io: Io): Promise<Answer> {
  const expectFile = values.expect ?? besides(file);
  if (expectFile === null) {
    return troubled({ code: "usage", message: "a policy from the standard input needs --expect FILE" });
  }
  const listed = values.tools === undefined ? null : await readTools(values.tools, io);
  if (listed?.ok === false) return troubled(listed.trouble);
  const policy = await readPolicy(file, io);
  if (!policy.ok) return troubled(policy.trouble);
  if (!policy.parsed.ok) return invalidPolicy(file, policy.problems, io);
  const written = await io.read(expectFile);
  if (!written.ok) return troubled(unreadable(expectFile, written.message));
  const read = readExpectations(written.text);
  if (!read.ok) return faulty(file, expectFile, read.problems, io);
  const { expectations } = read;
  const problems = faultsOf(expectations, policy.parsed.document, listed?.tools ?? null);
  if (problems.length > 0) return faulty(file, expectFile, problems, io);

  const categories = new Map(listed?.tools.map(({ name, category }) => [name, category]));
  const categoryOf = (tool: string): RiskCategory => categories.get(tool) ?? "Other";
  const results = tryCalls(policy.parsed.policy, expectations, categoryOf);
  const failed = results.filter(({ ok }) => !ok).length;
  const passed = results.length - failed;
  const paint = painter(io.colours.out);
  const out = results.flatMap((result) => resultLines(result, expectFile, paint));
  out.push("", `${paint("green", `${passed} passed`)}, ${paint(failed > 0 ? "red" : "dim", `${failed} failed`)}`);
  const json = { ok: failed === 0, file, expectations: expectFile, passed, failed, results };
  return { exitCode: failed === 0 ? 0 : 1, json, out: lines(out) };
}

/** `policy.json` has its expectations in `policy.test.json`. */
function besides(file: string): string | null {
  return file === "-" ? null : `${file.replace(/\.json$/i, "")}.test.json`;
}

function faulty(file: string, expectations: string, problems: PlacedProblem[], io: Io): Answer {
  const paint = painter(io.colours.err);
  return {
    exitCode: 1,
    json: { ok: false, file, expectations, problems },
    err: lines(problems.map((problem) => problemLine(expectations, problem, paint))),
  };
}

/** What each expectation may be fine in, and all together cannot mean. */
function faultsOf(expectations: readonly Expectation[], document: PolicyDocument, tools: FileTool[] | null) {
  const names = new Map(tools?.map(({ name }) => [name, true]));
  const needsCategory = document.categories !== undefined || JSON.stringify(document).includes('"tool.category"');
  const problems: PlacedProblem[] = [];
  let time: number | null = null;
  for (const [index, expectation] of expectations.entries()) {
    const { tool, category, line, column } = expectation;
    const say = (field: string, message: string) =>
      problems.push({
        code: "wrong_type",
        pointer: `/${index}/${field}`,
        message,
        severity: "error",
        line,
        column,
      });
    const next = timeOf(expectation, time ?? startTime);
    if (time !== null && next < time) say("at", "`at` is before the call above it; time only goes on");
    time = Math.max(time ?? next, next);
    if (category !== undefined) continue;
    if (tools !== null && !names.has(tool)) {
      const near = nearest(tool, [...names.keys()]);
      say(
        "tool",
        `the list has no tool \`${tool}\`${near === null ? "; add a `category`" : `; did you mean \`${near}\`?`}`,
      );
    } else if (tools === null && needsCategory) {
      say("category", "this policy looks at the category of a tool; add a `category`, or give --tools");
    }
  }
  return problems;
}

function resultLines(result: Result, file: string, paint: Paint): string[] {
  const { ok, line, column, expected, actual, repetition } = result;
  const name = harmless(result.name);
  if (ok) return [`${paint("green", "✓")} ${name}`];
  const place = paint("dim", `${shown(file)}:${line}:${column}`);
  const nth = repetition === undefined ? "" : `, in repetition ${repetition}`;
  const fields = (["code", "rule", "message", "retry_after_s"] as const).filter(
    (field) => expected[field] !== undefined,
  );
  return [
    `${paint("red", "✗")} ${name}  ${place}`,
    ...fields
      .filter((field) => expected[field] !== actual[field])
      .map((field) => `    expected ${field} ${said(expected[field])}, got ${said(actual[field])}${nth}`),
    `    ${harmless(actual.message)}`,
    ...(result.trace ?? []).filter(isAboutPolicy).flatMap((step) => traceLines(step, paint)),
  ];
}

/** Nothing is frozen here and no definition changes. */
function isAboutPolicy({ step }: TraceStep): boolean {
  return step !== "frozen" && step !== "definition";
}

function traceLines({ step, rule, outcome, conditions = [] }: TraceStep, paint: Paint): string[] {
  const words = outcome === "decides" ? paint("bold", outcome) : outcome;
  return [
    `      ${step.padEnd(11)} ${words}  ${paint("dim", harmless(rule))}`,
    ...conditions.map((one) => `        ${one.outcome.replaceAll("_", " ")}  ${paint("dim", harmless(one.rule))}`),
  ];
}

function said(value: unknown): string {
  return value === undefined ? "none" : harmless(typeof value === "string" ? value : JSON.stringify(value));
}
