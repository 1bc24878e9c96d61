import path from "node:path";
import { parseJson, plainValue } from "../policy/json.ts";
import { parsePolicy } from "../policy/parse.ts";
import { type Scope, scopes } from "../policy/schema.ts";
import { suggestion } from "../policy/suggest.ts";
import { type Answer, counted, lines, shown, troubled, unreadable } from "./answer.ts";
import type { Input } from "./commands.ts";
import { convertIntercept } from "./intercept/convert.ts";
import type { NotCarried } from "./intercept/notes.ts";
import type { Io } from "./io.ts";
import { harmless, type Paint, painter } from "./paint.ts";
import { problemLine, withColumns } from "./problem-lines.ts";

/** One file's part of the answer. `text` is the document as it is written. */
type One = { ok: boolean; json: object; text: string | null; err: string[]; isUnreadable?: true };

/** `policylayer convert FILE…` */
export async function convert({ files, values }: Input, io: Io): Promise<Answer> {
  const { out: target, scope: wanted = "server" } = values;
  const scope = scopes.find((name) => name === wanted);
  if (scope === undefined) {
    return troubled({ code: "usage", message: `\`${wanted}\` is no scope; ${suggestion(wanted, scopes)}` });
  }
  const outputs = outputsFor(files, target);
  if (typeof outputs === "string") return troubled({ code: "usage", message: outputs });

  const paint = painter(io.colours.err);
  const [answers, out, err]: [object[], string[], string[]] = [[], [], []];
  let exitCode: Answer["exitCode"] = 0;
  for (const [index, file] of files.entries()) {
    const one = await convertOne(file, scope, io, paint);
    err.push(...one.err);
    if (!one.ok && exitCode === 0) exitCode = 1;
    if (one.isUnreadable) exitCode = 2;
    const output = outputs[index];
    if (one.text !== null && output !== undefined) {
      const failure = await io.write(output, one.text);
      if (failure !== null) {
        exitCode = 2;
        const message = `cannot write ${output}: ${failure}`;
        err.push(`policylayer: ${message}`);
        answers.push({ ...one.json, ok: false, error: { code: "unreadable", message } });
        continue;
      }
      answers.push({ ...one.json, out: output });
    } else {
      if (one.text !== null) out.push(one.text);
      answers.push(one.json);
    }
  }
  return { exitCode, json: { ok: exitCode === 0, files: answers }, out: out.join(""), err: lines(err) };
}

/** Where each result goes; undefined is the standard output. A sentence when that cannot be said. */
function outputsFor(files: readonly string[], target: string | undefined): (string | undefined)[] | string {
  if (files.length === 1 && target === undefined) return [undefined];
  if (target === undefined) return "several files need --out FOLDER, because each result is a document of its own";
  const isFolder = files.length > 1 || target.endsWith("/");
  if (isFolder && files.includes("-")) return "the standard input has no name; write it to a file with --out FILE";
  const outputs = isFolder
    ? files.map((file) => path.join(target, `${path.basename(file).replace(/\.(ya?ml|json)$/i, "")}.json`))
    : [target];
  const taken = new Set(files.map((file) => path.resolve(file)));
  for (const output of outputs) {
    const place = path.resolve(output);
    if (taken.has(place)) return `${output} would be written over; name another place with --out`;
    taken.add(place);
  }
  return outputs;
}

async function convertOne(file: string, scope: Scope, io: Io, paint: Paint): Promise<One> {
  const read = await io.read(file);
  if (!read.ok) {
    const error = unreadable(file, read.message);
    return {
      ok: false,
      json: { file, ok: false, error },
      text: null,
      err: [`policylayer: ${error.message}`],
      isUnreadable: true,
    };
  }
  if (isOurs(read.text)) return checkOurs(file, read.text, paint);
  const converted = convertIntercept(read.text, scope);
  if (!converted.ok) {
    const { problems } = converted;
    const err = problems.map(
      ({ line, column, message }) => `${shown(file)}:${line}:${column}: ${paint("red", "error")}: ${harmless(message)}`,
    );
    return { ok: false, json: { file, ok: false, problems }, text: null, err };
  }
  const { document, notCarried } = converted;
  // Not one restriction may get lost in a script that looks at the exit code alone.
  const ok = notCarried.every(({ effect }) => effect !== "denied");
  return {
    ok,
    json: { file, ok, document, notCarried },
    text: `${JSON.stringify(document, null, 2)}\n`,
    err: noteLines(file, notCarried, paint),
  };
}

/** Whether a text is JSON and not in the other format, which JSON could hold as well: its tools have `rules`. */
function isOurs(text: string): boolean {
  const { root } = parseJson(text);
  if (root === null) return /^\s*\{\s*(?:"|\})/.test(text) && !/"rules"\s*:/.test(text);
  const tools = Object(Object(plainValue(root)).tools) as Record<string, unknown>;
  return !Object.values(tools).some((tool) => Object.hasOwn(Object(tool), "rules"));
}

function checkOurs(file: string, text: string, paint: Paint): One {
  const parsed = parsePolicy(text);
  const problems = withColumns(text, parsed.problems);
  const err = problems.map((problem) => problemLine(file, problem, paint));
  if (!parsed.ok) return { ok: false, json: { file, ok: false, problems }, text: null, err };
  err.push(`${shown(file)}: this is a policy of ours already; there is nothing to convert`);
  const { document } = parsed;
  return { ok: true, json: { file, ok: true, document, notCarried: [], problems }, text, err };
}

const effectWords = { denied: "denied", stricter: "stricter", left_out: "left out" } as const;
const effectColours = { denied: "red", stricter: "yellow", left_out: "dim" } as const;

function noteLines(file: string, notCarried: readonly NotCarried[], paint: Paint): string[] {
  if (notCarried.length === 0) return [];
  const said = notCarried.map(({ line, column, path: pointer, effect, sentence }) => {
    const words = paint(effectColours[effect], effectWords[effect]);
    return `${shown(file)}:${line}:${column}: ${words}: ${harmless(sentence)} ${paint("dim", `[${harmless(pointer)}]`)}`;
  });
  return [...said, `${shown(file)}: ${counted(notCarried.length, "thing")} could not be carried over unchanged`];
}
