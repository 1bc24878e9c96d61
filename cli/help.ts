import { type Command, commands } from "./commands.ts";

const global: Command["flags"] = {
  json: { about: "one JSON value on the standard output instead of text" },
  help: { about: "this help" },
};

const exitCodes =
  "Exit codes: 0 fine, 1 the policy or the test has problems, 2 wrong usage or a file that cannot be read.";

export function generalHelp(): string {
  const rows = Object.entries(commands).map(([name, { usage, about }]): [string, string] => [
    `${name} ${usage}`,
    about,
  ]);
  const more: [string, string][] = [
    ["help COMMAND", "what a command takes"],
    ["--version", "the version"],
  ];
  return `policylayer: policies for AI agents' tool calls, on the command line\n\n${table([...rows, ...more])}
FILE is a policy as JSON; - is the standard input. Every command takes --json.
${exitCodes}
`;
}

export function commandHelp(name: string, { usage, about, flags }: Command): string {
  const rows = Object.entries({ ...flags, ...global }).map(([flag, { value, about: meaning }]): [string, string] => {
    return [`--${flag}${value === undefined ? "" : ` ${value}`}`, meaning];
  });
  return `policylayer ${name} ${usage}\n\n${about}\n\n${table(rows)}\n${exitCodes}\n`;
}

function table(rows: readonly [string, string][]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}
