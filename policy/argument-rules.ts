import { type ArgumentPath, argumentPaths } from "./argument-paths.ts";
import type { ApprovalGroup, Condition, Group, ToolRule } from "./schema.ts";

// What a tool that runs something may be given. Patterns are RE2; they contain mistakes and the plain attacks. Whoever must
// rule out every trick takes a list of what is allowed instead.

/** What an argument of each sort must not be, by its name. */
const dangers: readonly { name: RegExp; pattern: string; reason: string }[] = [
  {
    name: /^(?:(?:file|dir|working|work|output|input|root)_?)?(?:path|file|filename|directory|dir|cwd|folder)s?$/i,
    pattern: "(^|[/\\\\])\\.\\.([/\\\\]|$)",
    reason: "A path may not climb out with `..`.",
  },
  {
    name: /ur[il]s?$/i,
    pattern: forbiddenAddress(),
    reason: "Internal addresses and files are not reachable from here.",
  },
  {
    name: /sql/i,
    pattern: "(?i)\\b(drop|truncate|delete|alter|grant|revoke)\\b",
    reason: "Only statements that neither delete nor change what the database is.",
  },
];

/** No pattern can tell which command is harmless, so a person reads it. */
const commandName = /^(?:command|cmd|script|shell|code|expression)s?$/i;

/** As the most forgiving readers of URLs understand them: with or without a scheme, with any number of slashes. */
function forbiddenAddress(): string {
  const end = "([/\\\\:?#]|$)";
  const hosts = [
    `([^/\\\\?#:@]*\\.)?(localhost|local|internal)\\.?${end}`,
    // An address as one number, or in hexadecimal or octal digits.
    `[0-9]+${end}`,
    "0[x0-7]",
    "0\\.",
    "127\\.",
    "10\\.[0-9]",
    "192\\.168\\.",
    "172\\.(1[6-9]|2[0-9]|3[01])\\.",
    "169\\.254\\.",
    "\\[",
    // Letters that a reader may turn into any of those.
    "[^/\\\\?#]*[^!-~/\\\\?#]",
    "[^/\\\\?#]*%",
  ];
  const schemes = "(file|gopher|dict|jar|netdoc|view-source|chrome|javascript):";
  const address = `([a-z][a-z0-9+.-]*:)?[/\\\\]*([^/\\\\?#]*@)?(${hosts.join("|")})`;
  return `(?i)[\\t\\n\\r]|^[^!-~]*(${schemes}|${address})`;
}

/** What is refused, and what a person looks at, in the arguments of a tool that runs something. */
export function argumentRules(inputSchema: unknown): ToolRule {
  const all = argumentPaths(inputSchema);
  const open = all.filter(({ choices }) => choices === null);
  const deny = open.filter((argument) => isText(argument) && holderOf(argument, all) === null).flatMap(refusals);
  const ask = open.flatMap((argument) => {
    if (isCommand(argument)) return [{ path: argument.path, message: "A command can do anything; read it first." }];
    if (!isDangerous(argument)) return [];
    const path = isText(argument) ? holderOf(argument, all) : argument.path;
    return path === null ? [] : [{ path, message: "What this is cannot be told beforehand; read it first." }];
  });
  const groups = withoutInner(ask).map(question);
  return { ...(deny.length > 0 ? { deny_if: deny } : {}), ...(groups.length > 0 ? { approve_if: groups } : {}) };
}

/**
 * The outermost argument around this one that need not be an object or a list; null when there is none. A pattern below it
 * would refuse whatever else it may be.
 */
function holderOf({ path }: ArgumentPath, all: readonly ArgumentPath[]): string | null {
  const around = all.filter((other) => isWithin(path, other.path));
  const isMixed = ({ types }: ArgumentPath) =>
    types?.some((type) => !["object", "array", "null"].includes(type)) ?? false;
  return around.find(isMixed)?.path ?? null;
}

function isWithin(path: string, outer: string): boolean {
  return path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

function nameOf({ path }: ArgumentPath): string {
  return path.replaceAll("[*]", "").split(".").at(-1) ?? "";
}

function isText({ types }: ArgumentPath): boolean {
  return types?.includes("string") === true && types.every((type) => type === "string" || type === "null");
}

function refusals(argument: ArgumentPath): Group[] {
  // A pattern on null is a doubt, and a doubt refuses.
  const isThere: Condition[] = argument.types?.includes("null")
    ? [{ path: argument.path, op: "exists", value: true }]
    : [];
  return dangers
    .filter(({ name }) => name.test(nameOf(argument)))
    .map(({ pattern, reason }) => ({
      conditions: [...isThere, { path: argument.path, op: "regex", value: pattern }],
      on_deny: reason,
    }));
}

function isCommand(argument: ArgumentPath): boolean {
  const canHold = argument.types?.some((type) => ["string", "array", "object"].includes(type)) ?? true;
  return canHold && commandName.test(nameOf(argument));
}

/** A path, an address or SQL by its name, which may be text. */
function isDangerous(argument: ArgumentPath): boolean {
  return (argument.types?.includes("string") ?? true) && dangers.some(({ name }) => name.test(nameOf(argument)));
}

type Question = { path: string; message: string };

/** Each argument once, and none inside another: what lies in an argument is there when the argument is. */
function withoutInner(questions: readonly Question[]): Question[] {
  const outermost = questions.filter(({ path }) => !questions.some((other) => isWithin(path, other.path)));
  return [...new Map(outermost.map((asked) => [asked.path, asked])).values()];
}

function question({ path, message }: Question): ApprovalGroup {
  return { conditions: [{ path, op: "exists", value: true }], message };
}
