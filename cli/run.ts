import { suggestion } from "../policy/suggest.ts";
import { type Answer, troubled } from "./answer.ts";
import { type Command, commands, type Input } from "./commands.ts";
import { commandHelp, generalHelp } from "./help.ts";
import type { Io } from "./io.ts";

const shorthands: Record<string, string> = { "-h": "--help", "-V": "--version", "-o": "--out" };

/**
 * The `policylayer` command. Never rejects for what a person typed or a file holds.
 *
 * @param argv What stands behind `policylayer`.
 * @returns The exit code.
 */
export async function run(argv: readonly string[], io: Io, version: string): Promise<number> {
  const end = argv.indexOf("--");
  const isJson = argv.slice(0, end < 0 ? argv.length : end).includes("--json");
  const answer = await answerTo(argv, io, version);
  if (isJson) io.out(`${JSON.stringify(answer.json, null, 2)}\n`);
  else {
    if (answer.err) io.err(answer.err);
    if (answer.out) io.out(answer.out);
  }
  return answer.exitCode;
}

async function answerTo(argv: readonly string[], io: Io, version: string): Promise<Answer> {
  const words = argv.map((word) => (Object.hasOwn(shorthands, word) ? (shorthands[word] ?? word) : word));
  const place = words.findIndex((word) => !word.startsWith("-"));
  const name = words[place];
  if (name === undefined || name === "help") {
    const asked = name === "help" ? words.slice(place + 1).find((word) => !word.startsWith("-")) : undefined;
    return withoutCommand(words, asked, version);
  }
  if (!Object.hasOwn(commands, name) || !commands[name]) return unknownCommand(name);
  const command = commands[name];
  const rest = words.filter((_, index) => index !== place);
  if (rest.includes("--help")) return said(commandHelp(name, command), { help: commandHelp(name, command) });
  const input = inputFrom(rest, name, command);
  if (typeof input === "string") return troubled({ code: "usage", message: input });
  return (await command.load())(input, io);
}

function withoutCommand(words: readonly string[], asked: string | undefined, version: string): Answer {
  if (words.includes("--version")) return said(`${version}\n`, { version });
  if (asked !== undefined) {
    const command = Object.hasOwn(commands, asked) ? commands[asked] : undefined;
    if (!command) return unknownCommand(asked);
    return said(commandHelp(asked, command), { help: commandHelp(asked, command) });
  }
  const known = ["--help", "--version", "--json"];
  const strange = words.find((word) => word.startsWith("-") && !known.includes(word));
  if (strange !== undefined) {
    return troubled({ code: "usage", message: `there is no flag ${strange}; ${suggestion(strange, known)}` });
  }
  if (words.includes("--help") || words.includes("help")) return said(generalHelp(), { help: generalHelp() });
  const message = "say what to do";
  return { ...troubled({ code: "usage", message }), err: `policylayer: ${message}\n\n${generalHelp()}` };
}

function said(text: string, json: object): Answer {
  return { exitCode: 0, json: { ok: true, ...json }, out: text };
}

function unknownCommand(name: string): Answer {
  const message = `there is no command \`${name}\`; ${suggestion(name, Object.keys(commands))}`;
  return troubled({ code: "usage", message });
}

/** The files and flags, or a sentence on what is wrong with them. */
function inputFrom(words: readonly string[], name: string, command: Command): Input | string {
  const input: Input = { files: [], values: {}, flags: {} };
  const known = [...Object.keys(command.flags), "json", "help"].map((flag) => `--${flag}`);
  let onlyFiles = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (onlyFiles || word === "-" || !word.startsWith("-")) {
      input.files.push(word);
      continue;
    }
    if (word === "--") {
      onlyFiles = true;
      continue;
    }
    const [, flag = "", , given] = /^-{1,2}([^=]*)(=(.*))?$/s.exec(word) ?? [];
    if (!known.includes(`--${flag}`) || !word.startsWith("--")) {
      return `\`policylayer ${name}\` has no flag ${word}; ${suggestion(`--${flag}`, known)}`;
    }
    const takes = Object.hasOwn(command.flags, flag) ? command.flags[flag]?.value : undefined;
    if (takes === undefined) {
      if (given !== undefined) return `--${flag} takes no value`;
      input.flags[flag] = true;
      continue;
    }
    if (input.values[flag] !== undefined) return `--${flag} is given twice`;
    if (given === undefined) at += 1;
    const value = given ?? words[at];
    if (value === undefined || value === "" || (given === undefined && /^-./.test(value))) {
      return `--${flag} needs a value: --${flag} ${takes}`;
    }
    input.values[flag] = value;
  }
  const { min, max } = command.files;
  const usage = `use it like: policylayer ${name} ${command.usage}`;
  if (input.files.length < min) return `a file is missing; ${usage}`;
  if (input.files.length > max) return `there are too many files; ${usage}`;
  const { out: _, ...readable } = input.values;
  const fromInput = [...input.files, ...Object.values(readable)].filter((file) => file === "-");
  return fromInput.length > 1 ? "the standard input (`-`) can be read only once" : input;
}
