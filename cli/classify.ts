import { classify as classifyTool } from "../catalog/classify.ts";
import type { ToolDefinition } from "../catalog/schema.ts";
import { type Answer, counted, shown, unreadable } from "./answer.ts";
import type { Input } from "./commands.ts";
import type { Io } from "./io.ts";
import { harmless, painter } from "./paint.ts";
import { definitionIn, listIn } from "./tools-file.ts";

/** What is wrong with a line of the input; it has no answer. */
type LineProblem = { line: number; message: string };

/**
 * `policylayer classify FILE`: a definition a line in, an answer a line out, in the same order and as it is read, so the input
 * may be of any size. A line that cannot be answered is told with its number and the rest goes on; the exit code is 1 then.
 */
export async function classify({ files, flags }: Input, io: Io): Promise<Answer> {
  const file = files[0] ?? "-";
  const paint = painter(io.colours.err);
  const answers: object[] = [];
  const problems: LineProblem[] = [];
  for await (const item of definitionsIn(io, file)) {
    if ("trouble" in item) {
      const trouble = unreadable(file, item.trouble);
      return { exitCode: 2, json: { ok: false, error: trouble }, err: `policylayer: ${trouble.message}\n` };
    }
    if ("message" in item) {
      problems.push(item);
      if (!flags.json) io.err(`${shown(file)}:${item.line}: ${paint("red", "error")}: ${harmless(item.message)}\n`);
      continue;
    }
    const answer = answerFor(item.definition);
    if (flags.json) answers.push(answer);
    else await io.out(`${JSON.stringify(answer)}\n`);
  }
  const ok = problems.length === 0;
  return {
    exitCode: ok ? 0 : 1,
    json: { ok, file, tools: answers, problems },
    ...(ok ? {} : { err: `${shown(file)}: ${counted(problems.length, "line")} without an answer\n` }),
  };
}

function answerFor(definition: ToolDefinition): object {
  const { category, severity, confidence, signals, findings } = classifyTool(definition);
  return { name: definition.name, category, severity, confidence, signals, findings };
}

type Item = { definition: ToolDefinition } | LineProblem | { trouble: string };

/**
 * The definitions of a file: one a line, or all of it one list of tools, as `tools/list` answers it, on however many lines.
 */
async function* definitionsIn(io: Io, file: string): AsyncGenerator<Item> {
  let number = 0;
  /** A first line that is no JSON by itself may begin a value that goes on. */
  let begun: string[] | null = null;
  let isFirst = true;
  for await (const line of io.lines(file)) {
    if (!line.ok) {
      yield { trouble: line.message };
      return;
    }
    number += 1;
    if (begun !== null) {
      begun.push(line.text);
      continue;
    }
    if (line.text.trim() === "") continue;
    if (isFirst && /^\s*[[{]/.test(line.text) && !isJson(line.text)) begun = [...Array(number - 1).fill(""), line.text];
    else yield* itemsOf(line.text, number);
    isFirst = false;
  }
  if (begun === null) return;
  // Read as a whole when it is one value, else line by line after all.
  if (isJson(begun.join("\n"))) yield* itemsOf(begun.join("\n"), 1);
  else for (const [at, text] of begun.entries()) if (text.trim() !== "") yield* itemsOf(text, at + 1);
}

function* itemsOf(text: string, line: number): Generator<Item> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    yield { line, message: `it is no JSON: ${cause instanceof Error ? cause.message : cause}` };
    return;
  }
  const list = isNamed(value) ? null : listIn(value);
  if (list === null) yield itemOf(value, line, "a definition");
  else for (const [at, tool] of list.entries()) yield itemOf(tool, line, `tool ${at + 1} of the list`);
}

function itemOf(value: unknown, line: number, what: string): Item {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { line, message: `${what} must be an object` };
  }
  const definition = definitionIn(value);
  return definition === null ? { line, message: `${what} has no \`name\`` } : { definition };
}

function isNamed(value: unknown): boolean {
  return typeof value === "object" && value !== null && "name" in value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
