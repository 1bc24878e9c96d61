// What a package wants to be started with, read from its own words: names of variables, and arguments of its examples. All of it
// is a guess, and none of it a secret: what is given is made up.
import { seen } from "./sandbox-script.ts";

const variablesMax = 200;
const startsMax = 4;
const exampleLengthMax = 200;
/** Names that change how a program runs, rather than whom it speaks for. */
const settings =
  /^(?:NODE|NPM|XDG|OTEL|LC|DEBUG|LOG|CI$|PATH$|HOME$|PWD$|USER$|SHELL$|TERM|TMP|TEMP|LANG$|PORT$|HOST$|.*(?:^|_)(?:PROXY|PORT|TRANSPORT|MODE|DEBUG|VERBOSE|LEVEL|TIMEOUT|DISABLED?|ENABLED?|HTTP|REMOTE|DEV|READ_?ONLY|TOOLS?|TOOLSETS?)$)/i;
const wanted =
  /KEY|TOKEN|SECRET|PASS|USER|LOGIN|EMAIL|URL|URI|ENDPOINT|HOST|DOMAIN|SITE|_ID$|ID_|ACCOUNT|ORG|PROJECT|WORKSPACE|CRED|DSN|CONNECTION|REGION|TENANT|CLIENT|APP|BUCKET|DATABASE|AUTH|COOKIE|PAT$|SID$/;

/** Variables that a source reads: `keys` are what nearly every program takes as it comes, `more` what may also be a setting. */
export function variablesIn(source: string): { keys: string[]; more: string[] } {
  const names = [
    ...source.matchAll(/\benv\s*(?:\??\.\s*|\[\s*["'`])([A-Z][A-Z0-9_]{2,63})\b/g),
    ...[...source.matchAll(/\{([^{}]{1,1000})\}\s*=\s*process\.env\b/g)].flatMap(([, inner = ""]) => [
      ...inner.matchAll(/\b([A-Z][A-Z0-9_]{2,63})\b/g),
    ]),
  ].map(([, name = ""]) => name);
  const all = [...new Set(names)].filter((name) => wanted.test(name) && !settings.test(name)).slice(0, variablesMax);
  const isKey = (name: string) => /(?:KEY|TOKEN|SECRET|PASSWORD|PASS|PAT)$/.test(name);
  return { keys: all.filter(isKey), more: all.filter((name) => !isKey(name)) };
}

/** Variables that a complaint names, such as `Error: ACME_TOKEN is required`. */
export function variablesNamedIn(complaint: string): string[] {
  const names = [...complaint.matchAll(/\b([A-Z][A-Z0-9]*_[A-Z0-9_]{1,60})\b/g)].map(([, name = ""]) => name);
  return [...new Set(names)].filter((name) => !/^(?:ERR|E)_|^NODE_/.test(name)).slice(0, 20);
}

/** Variables with the values of the examples, as `"env": { "ACME_TOKEN": "at_your-token" }`. */
export function exampleVariables(readme: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, block = ""] of readme.matchAll(/"env"\s*:\s*\{([^{}]{0,4000})\}/g)) {
    for (const [, name = "", value = ""] of block.matchAll(/"([A-Z][A-Z0-9_]{2,63})"\s*:\s*"([^"\n]{0,400})"/g)) {
      if (!found.has(name) && found.size < variablesMax && !settings.test(name)) found.set(name, value);
    }
  }
  return found;
}

/** Arguments of the examples, as behind the package's name in `"args": ["-y", "acme-mcp", "start"]`; each once. */
export function exampleArguments(readme: string, packageName: string, commands: readonly string[]): string[][] {
  const starts: string[][] = [];
  const isPackage = (word: string) => word === packageName || word.startsWith(`${packageName}@`);
  const add = (words: readonly string[]) => {
    const at = words.findIndex(isPackage);
    if (at < 0) return;
    const rest = words.slice(at + 1).filter((word) => word !== "--");
    // `npx --package acme-mcp -- acme start`
    starts.push(commands.includes(rest[0] ?? "") ? rest.slice(1) : rest);
  };
  for (const [, block = ""] of readme.matchAll(/"args"\s*:\s*\[([^\]]{0,2000})\]/g)) {
    add([...block.matchAll(/"((?:[^"\\]|\\.){0,400})"/g)].map(([, word = ""]) => word));
  }
  for (const [, line = ""] of readme.matchAll(/\bnpx\s+([^\n`|&;]{1,400})/g)) {
    add(
      line
        .trim()
        .split(/\s+/)
        .map((word) => word.replace(/^["']|["']$/g, "")),
    );
  }
  const distinct = new Map(starts.filter((words) => words.length > 0).map((words) => [words.join("\0"), words]));
  return [...distinct.values()].slice(0, startsMax).map((words) => words.map(filledIn));
}

const subcommands = [
  ["mcp"],
  ["mcp", "start"],
  ["server", "start"],
  ["start"],
  ["run"],
  ["serve"],
  ["stdio"],
  ["--stdio"],
];

/** Arguments that a complaint asks for: options that it calls required, or the subcommands that it lists. */
export function argumentsAskedFor(complaint: string, given: readonly string[]): string[][] {
  const lines = complaint.split("\n").filter((line) => /required|missing|provide/i.test(line));
  const options = [
    ...new Set(lines.slice(0, 20).flatMap((line) => line.slice(0, 2_000).match(/--[a-z][\w-]{1,40}/g) ?? [])),
  ];
  const missing = options.filter((option) => !given.some((word) => word.split("=")[0] === option)).slice(0, 4);
  if (missing.length > 0) {
    return [[...given, ...missing.flatMap((option) => [option, dummyFor(option.toUpperCase().replaceAll("-", "_"))])]];
  }
  if (given.length > 0) return [];
  const place = /provide (?:an? |the |your )?([\w ]{0,40}?\b(?:url|uri|connection string|path|directory))\b/i.exec(
    complaint,
  )?.[1];
  if (place !== undefined) return [[dummyFor(place.toUpperCase().replaceAll(" ", "_"))]];
  return subcommands.filter(([word = ""]) => new RegExp(`(?:^|[\\s'"|])${word}(?:$|[\\s'"|])`, "m").test(complaint));
}

/** A made-up value: the example's where it has one, because some programs look at its form. */
export function dummyFor(name: string, example = ""): string {
  const isPlaceholder = example === "" || /[<>{}$\s]|\.\.\./.test(example) || example.length > exampleLengthMax;
  if (!isPlaceholder && !/^[/~]|^[A-Z]:\\/.test(example)) return example;
  if (/PATH|DIR|FOLDER|FILE|ROOT|VAULT/.test(name)) return seen.work;
  if (/MONGO/.test(name)) return "mongodb://localhost:27017/database";
  if (/REDIS/.test(name)) return "redis://localhost:6379";
  if (/DATABASE|POSTGRES|PG_|DSN|CONNECTION/.test(name)) return "postgresql://user:password@localhost:5432/database";
  if (/URL|URI|ENDPOINT/.test(name)) return "https://example.invalid";
  if (/EMAIL|LOGIN/.test(name)) return "user@example.invalid";
  if (/HOST|DOMAIN/.test(name)) return "example.invalid";
  if (/REGION/.test(name)) return "us-east-1";
  if (/STRIPE/.test(name)) return "sk_test_0000000000000000";
  if (/(?:^|_)U?U?ID$/.test(name)) return "00000000-0000-4000-8000-000000000000";
  return "dummy-0000000000000000000000000000";
}

/** An argument of an example with its placeholders filled in. */
function filledIn(word: string): string {
  const [, flag = "", value = ""] = /^(--?[\w-]+=)(.*)$/s.exec(word) ?? [];
  if (flag) return `${flag}${/[<>{}$]|your/i.test(value) ? dummyFor(flag.toUpperCase().replaceAll("-", "_")) : value}`;
  if (/^(?:[/~]|\.{1,2}\/|[A-Z]:\\)|path[/_ -]?to/i.test(word)) return seen.work;
  const name = word.replace(/[^A-Za-z0-9]+/g, "_").toUpperCase();
  return /^[<[{$]|your[-_ ]|^[A-Z]+(?:_[A-Z]+)+$/i.test(word) && !word.startsWith("-") ? dummyFor(name) : word;
}
