// Which server of the catalog a registered one is, as far as its address or command line says.
import { readHarvestTarget } from "./harvest.ts";

export type Registered = { url: string | null; command: string | null; args: readonly string[] };

/**
 * The sources that it may have in the catalog, the surest first. Empty for a program that no package manager starts: its path
 * says nothing that another program could not have too.
 */
export function sourcesOfRegistered({ url, command, args }: Registered): string[] {
  if (url !== null) return [`url:${url}`];
  if (command === null) return [];
  const spec = packageSpec(programOf(command), args);
  const target = spec === null ? null : readHarvestTarget(spec);
  return target?.kind === "npm" ? [`npm:${target.package}`] : [];
}

/** `/usr/bin/npx`, `npx.cmd` → `npx`. */
function programOf(command: string): string {
  const base = command.split(/[/\\]/).at(-1) ?? command;
  return base.replace(/\.(?:cmd|exe|ps1)$/i, "").toLowerCase();
}

/** What runs a package, and the words that come before its name. */
const runners: Record<string, readonly string[][]> = {
  npx: [[]],
  bunx: [[]],
  pnpx: [[]],
  npm: [["exec"], ["x"]],
  pnpm: [["dlx"], ["exec"]],
  yarn: [["dlx"]],
  bun: [["x"]],
};

function packageSpec(program: string, args: readonly string[]): string | null {
  const before = (Object.hasOwn(runners, program) ? runners[program] : undefined)?.find((words) =>
    words.every((word, at) => args[at] === word),
  );
  if (before === undefined) return null;
  const rest = args.slice(before.length);
  for (const [at, word] of rest.entries()) {
    const named = /^--package=(.+)$/.exec(word)?.[1];
    if (named !== undefined) return named;
    if (word === "-p" || word === "--package") return rest[at + 1] ?? null;
    if (!word.startsWith("-")) return word;
  }
  return null;
}

/** A registered server that may be one of the catalog. */
export type Candidate = {
  id: string;
  name: string;
  /** `source`: the same package or address. `tools`: at least half of its tools have these names. */
  match: "source" | "tools" | null;
  /** How many of its tools have a name of the catalog's server. */
  shared: number;
  tools: number;
  /** Whether it has the tool that was asked about; null when none was. */
  hasTool: boolean | null;
};
