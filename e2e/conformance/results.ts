// What the suite found, and how two of its runs compare. Counts alone would hide one check lost for another gained.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Each check as `id=STATUS`, sorted, by scenario. */
export type Results = ReadonlyMap<string, readonly string[]>;

type Check = { id: string; status: string; errorMessage?: string };

export async function readResults(outDir: string): Promise<Results> {
  const results = new Map<string, string[]>();
  for (const folder of (await readdir(outDir)).sort()) {
    const text = await readFile(path.join(outDir, folder, "checks.json"), "utf8").catch(() => null);
    if (text === null) continue;
    const checks = JSON.parse(text) as Check[];
    // Folders are named by leg, scenario and time.
    const scenario = folder.replace(/^(?:server|client)-/, "").replace(/-\d{4}-\d\d-\d\dT.*$/, "");
    results.set(scenario, checks.map(({ id, status }) => `${id}=${status}`).sort());
  }
  return results;
}

/** The scenarios that differ, each with the checks that only one side has. */
export function differences(
  direct: Results,
  through: Results,
): Record<string, { direct: string[]; through: string[] }> {
  const found: Record<string, { direct: string[]; through: string[] }> = {};
  for (const scenario of new Set([...direct.keys(), ...through.keys()])) {
    const [ours, theirs] = [direct.get(scenario) ?? [], through.get(scenario) ?? []];
    if (ours.join("\n") === theirs.join("\n")) continue;
    found[scenario] = { direct: without(ours, theirs), through: without(theirs, ours) };
  }
  return found;
}

function without(checks: readonly string[], taken: readonly string[]): string[] {
  const rest = [...taken];
  return checks.filter((check) => {
    const at = rest.indexOf(check);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
}

export type Count = { scenarios: number; checks: number; passed: number; failed: number };

export function count(results: Results): Count {
  const checks = [...results.values()].flat();
  const having = (status: string) => checks.filter((check) => check.endsWith(`=${status}`)).length;
  return { scenarios: results.size, checks: checks.length, passed: having("SUCCESS"), failed: having("FAILURE") };
}

/** The scenarios in which a check failed. */
export function failing(results: Results): string[] {
  return [...results].filter(([, checks]) => checks.some((check) => check.endsWith("=FAILURE"))).map(([name]) => name);
}

/** Rows under a heading, in columns as wide as they need to be. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
