// A command line as a person would type it, cut into a program and its arguments. Only the cutting is a shell's: nothing is
// expanded or run, so `$HOME`, `*`, `|` and `;` are plain characters or, where a person surely means the shell, refused.

export type Argv =
  | { ok: true; command: string; args: string[]; env: Record<string, string> }
  | { ok: false; message: string };

const operators = new Set(["|", "||", "&", "&&", ";", ">", ">>", "<", "2>", "2>&1"]);

/** Cuts a line by the rules of single quotes, double quotes and backslashes. `NAME=value` before the program is its environment. */
export function parseCommandLine(line: string): Argv {
  const words: { text: string; quoted: boolean }[] = [];
  let text = "";
  let started = false;
  let quoted = false;
  let quote: '"' | "'" | null = null;

  for (let i = 0; i < line.length; i += 1) {
    const char = line.charAt(i);
    if (quote === "'") {
      if (char === "'") quote = null;
      else text += char;
    } else if (quote === '"') {
      const next = line.charAt(i + 1);
      if (char === '"') quote = null;
      else if (char === "\\" && (next === '"' || next === "\\")) {
        text += next;
        i += 1;
      } else text += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      started = true;
      quoted = true;
    } else if (char === "\\") {
      const next = line.charAt(i + 1);
      // A backslash before a line break joins the lines, as in commands copied from a README.
      if (next !== "\n") text += next;
      started ||= next !== "\n";
      i += 1;
    } else if (/\s/.test(char)) {
      if (started) words.push({ text, quoted });
      text = "";
      started = false;
      quoted = false;
    } else {
      text += char;
      started = true;
    }
  }
  if (quote) return { ok: false, message: `A ${quote} is opened and not closed.` };
  if (started) words.push({ text, quoted });

  const operator = words.find((word) => !word.quoted && operators.has(word.text));
  if (operator) {
    return {
      ok: false,
      message: `No shell runs this command, so \`${operator.text}\` does nothing. Put quotes around it if it is an argument.`,
    };
  }

  const env: Record<string, string> = {};
  while (words[0] && /^[A-Za-z_][A-Za-z0-9_]*=/.test(words[0].text)) {
    const [name = "", ...value] = (words.shift()?.text ?? "").split("=");
    env[name] = value.join("=");
  }
  const [command, ...args] = words.map((word) => word.text);
  if (!command) return { ok: false, message: "Enter the command that starts the server." };
  return { ok: true, command, args, env };
}

/** The line that `parseCommandLine` reads back to this command. */
export function commandLine(command: string, args: readonly string[]): string {
  return [command, ...args].map(quotedWord).join(" ");
}

function quotedWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
