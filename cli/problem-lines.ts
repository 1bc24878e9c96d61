import type { Problem } from "../policy/problems.ts";
import { shown } from "./answer.ts";
import { harmless, type Paint } from "./paint.ts";

/** A problem with its place as editors and CI count it: both from 1, columns in UTF-16 units. */
export type PlacedProblem = Problem & { column?: number };

export function withColumns(text: string, problems: readonly Problem[]): PlacedProblem[] {
  return problems.map((problem) => {
    if (problem.from === undefined) return { ...problem };
    return { ...problem, column: problem.from - text.lastIndexOf("\n", problem.from - 1) };
  });
}

/** Like: policy.json:4:7: error: `limts` is no field here; did you mean `limits`? [unknown_field /tools/a/limts] */
export function problemLine(file: string, problem: PlacedProblem, paint: Paint): string {
  const place = problem.line === undefined ? "" : `:${problem.line}:${problem.column}`;
  const severity = paint(problem.severity === "error" ? "red" : "yellow", problem.severity);
  const pointer = problem.pointer === "" ? "" : ` ${harmless(problem.pointer)}`;
  const where = paint("dim", `[${problem.code}${pointer}]`);
  return `${shown(file)}${place}: ${severity}: ${harmless(problem.message)} ${where}`;
}
