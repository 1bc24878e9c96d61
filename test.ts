// npm test: every check there is, each to its end, and one line at the last: `N passed, N failed`.
// `npm test -- unit browser` runs only the stages named.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium, installChromium } from "./e2e/harness/chromium.ts";
import type { TestReport } from "./e2e/harness/test-report.ts";

type Count = { passed: number; failed: number };
type Stage = { name: string; run(): Promise<Count> };

process.chdir(path.dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(path.join(tmpdir(), "policylayer-test-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

let child: ChildProcess | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    child?.kill(signal);
    child?.on("close", () => process.exit(1));
  });
}

const stages: Stage[] = [
  { name: "types", run: () => check(next("typegen"), bin("typescript", "tsc", "--noEmit")) },
  { name: "lint", run: () => check(bin("@biomejs/biome", "biome", "check", ".")) },
  { name: "migrations", run: () => check(["--import", "tsx", "prisma/new-migration.ts", "--check"]) },
  { name: "unit", run: () => vitest("unit") },
  { name: "integration", run: () => vitest("integration") },
  { name: "conformance", run: () => vitest("conformance") },
  { name: "hostile", run: () => vitest("hostile") },
  { name: "build", run: () => check(["--import", "tsx", "build.ts", "--if-stale"]) },
  { name: "browser", run: playwright },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`No such stage: ${unknown.join(", ")}. There are ${stages.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

const startedAt = Date.now();
const summary: string[] = [];
/** The names of what failed, said once more at the end: whoever reads a log reads its end. */
const failures: string[] = [];
const total: Count = { passed: 0, failed: 0 };
for (const stage of stages.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  console.log(`\n── ${stage.name} ${"─".repeat(60 - stage.name.length)}\n`);
  const from = Date.now();
  const count = await stage.run();
  total.passed += count.passed;
  total.failed += count.failed;
  summary.push(`${stage.name.padEnd(12)} ${counted(count).padEnd(24)} ${seconds(from)}`);
}
if (failures.length > 0) console.log(`\n── failed ${"─".repeat(54)}\n\n${failures.join("\n\n")}`);
console.log(`\n── all ${"─".repeat(57)}\n\n${summary.join("\n")}\n${"whole".padEnd(37)} ${seconds(startedAt)}\n`);
console.log(counted(total));
process.exit(total.failed > 0 ? 1 : 0);

/** Checks that only pass or fail count as one. The first that fails ends the row. */
async function check(...commands: string[][]): Promise<Count> {
  for (const command of commands) {
    if (!(await node(command))) return { passed: 0, failed: 1 };
  }
  return { passed: 1, failed: 0 };
}

async function vitest(project: string): Promise<Count> {
  const report = path.join(scratch, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=./e2e/harness/test-report.ts"];
  const ok = await node(bin("vitest", "vitest", "run", "--project", project, ...reporters), { TEST_REPORT: report });
  const results = readReport<TestReport>(report);
  failures.push(...(results?.failures.map(shortened) ?? []));
  return honest(ok, { passed: results?.passed ?? 0, failed: results?.failed ?? 0 });
}

async function playwright(): Promise<Count> {
  const browser = findChromium() ?? installChromium(console.log);
  if (!browser) {
    console.error("There is no Chromium, and none could be installed. Set CHROMIUM_PATH to one.");
    return { passed: 0, failed: 1 };
  }
  const report = path.join(scratch, "browser.json");
  const env = {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    CHROMIUM_PATH: browser,
    E2E_DATA_DIR: path.join(scratch, "browser-data"),
  };
  const ok = await node(bin("@playwright/test", "playwright", "test", "--reporter=list,json"), env);
  const results = readReport<{ stats: BrowserStats; suites: Suite[] }>(report);
  const stats = results?.stats;
  for (const spec of (results?.suites ?? []).flatMap(specsOf).filter(({ ok }) => !ok)) {
    const messages = spec.tests.flatMap((test) => test.results.flatMap(({ error }) => error?.message ?? []));
    failures.push(shortened(`browser · ${spec.file}:${spec.line} › ${spec.title}\n${messages.join("\n")}`));
  }
  return honest(ok, { passed: stats?.expected ?? 0, failed: (stats?.unexpected ?? 0) + (stats?.flaky ?? 0) });
}

type BrowserStats = { expected: number; unexpected: number; flaky: number };
type Spec = {
  title: string;
  file: string;
  line: number;
  ok: boolean;
  tests: { results: { error?: { message?: string } }[] }[];
};
type Suite = { specs?: Spec[]; suites?: Suite[] };

function specsOf({ specs = [], suites = [] }: Suite): Spec[] {
  return [...specs, ...suites.flatMap(specsOf)];
}

/** A failure's name and the first and last lines of what it printed: what a program said before it ended stands last. */
function shortened(failure: string): string {
  const lines = failure.split("\n");
  return lines.length <= 40 ? failure : [...lines.slice(0, 15), "…", ...lines.slice(-24)].join("\n");
}

/** A runner that failed without a failing test (or that ran none at all) has failed. */
function honest(ok: boolean, count: Count): Count {
  if (count.failed > 0 || (ok && count.passed > 0)) return count;
  console.error(ok ? "No test ran." : "The test runner itself failed.");
  return { ...count, failed: 1 };
}

/** Runs Node on a script to its end. What the developer's environment says of databases and ports stays out of it. */
async function node(args: string[], env: NodeJS.ProcessEnv | object = {}): Promise<boolean> {
  const ours =
    /^(DATABASE_URL|DATA_DIR|SECRET_KEY|NEXTAUTH_.*|BIND|ALLOW_.*|ALLOWED_HOSTS|.*_?PORT|.*_?PUBLIC_URL|NODE_ENV)$/;
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
  child = spawn(process.execPath, args, {
    env: { ...inherited, NEXT_TELEMETRY_DISABLED: "1", POLICYLAYER_ENV_FILE: "", ...env } as NodeJS.ProcessEnv,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((resolve) => {
    child?.on("error", () => resolve(false));
    child?.on("close", (code) => resolve(code === 0));
  });
}

/** The arguments to Node that run a package's command. */
function bin(packageName: string, command: string, ...args: string[]): string[] {
  const folder = path.join("node_modules", packageName);
  const { bin: commands } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  return [path.join(folder, typeof commands === "string" ? commands : commands[command]), ...args];
}

function next(...args: string[]): string[] {
  return bin("next", "next", ...args);
}

function readReport<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return null; // the runner did not get that far
  }
}

function counted({ passed, failed }: Count): string {
  return `${passed} passed, ${failed} failed`;
}

function seconds(from: number): string {
  return `${((Date.now() - from) / 1000).toFixed(1)} s`;
}
