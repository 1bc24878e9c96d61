// The published conformance suite: installed apart from our own packages, pinned by its own lock file, and run as a program.
import { type SpawnOptions, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Results, readResults } from "./results.ts";

export const revisions = ["2025-11-25", "2026-07-28"] as const;
export type Revision = (typeof revisions)[number];

const pins = fileURLToPath(new URL("suite/", import.meta.url));
const cache = fileURLToPath(new URL("../../node_modules/.cache/conformance-suite/", import.meta.url));
const clientFile = fileURLToPath(new URL("client.mjs", import.meta.url));

export type Suite = {
  /** Tests the server at a URL against all that a revision lists. */
  testServer(revision: Revision, url: string, outDir: string): Promise<Results>;
  /** Tests our client in one scenario, against a server that the suite starts. */
  testClient(revision: Revision, scenario: string, outDir: string, env: Record<string, string>): Promise<Results>;
  /** The scenarios that count for a revision. */
  required(revision: Revision): Promise<ReadonlySet<string>>;
};

/**
 * Makes the suite ready: from the cache, or installed there first. Nothing of it is in the repository but its lock file.
 *
 * @throws Error with what npm printed when it cannot be installed. A suite that is missing is a failure, never a skip.
 */
export async function openSuite(): Promise<Suite> {
  const home = await installed();
  const entry = path.join(home, "node_modules/@modelcontextprotocol/conformance");
  const base = ["--import", path.join(pins, "node20.mjs"), path.join(entry, "dist/index.js")];

  async function test(args: string[], outDir: string, env: Record<string, string>): Promise<Results> {
    await mkdir(outDir, { recursive: true });
    const output = await run(process.execPath, [...base, ...args, "-o", outDir], {
      cwd: outDir,
      env: { ...process.env, ...env },
    });
    const results = await readResults(outDir);
    if (results.size === 0) throw new Error(`the suite reported nothing:\n${output.text.slice(-4_000)}`);
    return results;
  }

  return {
    testServer: (revision, url, outDir) => test(["server", "--url", url, "--requirements", revision], outDir, {}),
    testClient: (revision, scenario, outDir, env) => {
      const command = `${process.execPath} ${clientFile}`;
      const what = ["--command", command, "--scenario", scenario, "--spec-version", revision, "--timeout", "60000"];
      return test(["client", ...what], outDir, env);
    },
    async required(revision) {
      const text = await readFile(path.join(entry, "requirements", `${revision}.yaml`), "utf8");
      const server = /^server:\n((?: {2}- .*\n|\s*#.*\n|\n)*)/m.exec(text)?.[1] ?? "";
      return new Set([...server.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name ?? ""));
    },
  };
}

async function installed(): Promise<string> {
  const lock = await readFile(path.join(pins, "package-lock.json"));
  const home = path.join(cache, createHash("sha256").update(lock).digest("hex").slice(0, 16));
  if (await isThere(home)) return home;
  // Under another name until it is whole, so that a broken installation is never found.
  const making = `${home}.${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) await cp(path.join(pins, name), path.join(making, name));
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { code, text } = await run("npm", args, { cwd: making, shell: process.platform === "win32" });
  if (code !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${text}`);
  await rename(making, home).catch(async (cause: unknown) => {
    if (!(await isThere(home))) throw cause; // somebody else was quicker
    await rm(making, { recursive: true, force: true });
  });
  return home;
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Runs a program to its end, three minutes at most. */
function run(program: string, args: string[], options: SpawnOptions): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"], timeout: 180_000 });
    let text = "";
    const hear = (chunk: Buffer) => {
      text += chunk;
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, text }));
  });
}
