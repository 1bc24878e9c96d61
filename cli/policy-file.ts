import { type ParsedPolicy, parsePolicy } from "../policy/parse.ts";
import { type ListedTool, parseWithTools } from "../policy/warn-tools.ts";
import { type Answer, lines, type Trouble, unreadable } from "./answer.ts";
import type { Io } from "./io.ts";
import { painter } from "./paint.ts";
import { type PlacedProblem, problemLine, withColumns } from "./problem-lines.ts";

export type PolicyFile =
  | { ok: true; file: string; text: string; parsed: ParsedPolicy; problems: PlacedProblem[] }
  | { ok: false; file: string; trouble: Trouble };

/** Reads and checks a policy, against a list of tools when there is one. */
export async function readPolicy(file: string, io: Io, tools: readonly ListedTool[] = []): Promise<PolicyFile> {
  const read = await io.read(file);
  if (!read.ok) return { ok: false, file, trouble: unreadable(file, read.message) };
  const parsed = tools.length === 0 ? parsePolicy(read.text) : parseWithTools(read.text, tools);
  return { ok: true, file, text: read.text, parsed, problems: withColumns(read.text, parsed.problems) };
}

/** The answer of a command that needs a whole policy and got one with errors. */
export function invalidPolicy(file: string, problems: readonly PlacedProblem[], io: Io): Answer {
  const paint = painter(io.colours.err);
  const errors = problems.filter(({ severity }) => severity === "error");
  return {
    exitCode: 1,
    json: { ok: false, file, problems },
    err: lines(errors.map((problem) => problemLine(file, problem, paint))),
  };
}
