// What Lighthouse says of the public pages: performance, accessibility, best practices, search. Against a production build that
// this starts itself on an empty installation, or WEB=http://127.0.0.1:3000. Lighthouse comes from npm when it is needed.
// npx tsx bench/lighthouse.ts [runs] [path…]; of several runs the median counts. Figures mean something on a machine at rest.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import { chromiumLaunch, findChromium } from "../e2e/harness/chromium.ts";
import { startPolicyLayer } from "../e2e/harness/processes.ts";
import { freePort } from "../prisma/free-port.ts";

/** The last that runs on Node 20. */
const lighthouse = "lighthouse@12.8.2";
const categories = ["performance", "accessibility", "best-practices", "seo"] as const;
const target = 95;

const [runsWanted = "3", ...pathsWanted] = process.argv.slice(2);
const paths =
  pathsWanted.length > 0 ? pathsWanted : ["/catalog/tmux-claude/vm_create_image", "/catalog/tmux-claude", "/catalog"];

type Category = (typeof categories)[number];
type Report = {
  categories: Record<Category, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<string, { title: string; score: number | null; displayValue?: string }>;
};

const folder = await mkdtemp(path.join(tmpdir(), "policylayer-lighthouse-"));
const own = process.env.WEB ? null : await startOwn();
const web = process.env.WEB ?? own?.webUrl ?? "";
let isMet = true;
try {
  console.log(`${lighthouse}, median of ${runsWanted}, load of this machine ${loadavg()[0]?.toFixed(1)}`);
  console.log(`${"".padEnd(48)}${categories.map((category) => category.padStart(16)).join("")}`);
  for (const page of paths) {
    for (const preset of ["phone", "desktop"] as const) await measure(page, preset);
  }
  console.log(isMet ? `each is ${target} or more` : `some are below ${target}`);
  process.exitCode = isMet ? 0 : 1;
} finally {
  await own?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function measure(page: string, preset: "phone" | "desktop"): Promise<void> {
  await (await fetch(`${web}${page}`)).text(); // the first answer of a new process says nothing about the page
  const reports: Report[] = [];
  for (let run = 0; run < Number(runsWanted); run += 1) reports.push(await insist(() => report(page, preset)));
  const scores = categories.map((category) => median(reports.map((each) => scoreOf(each, category))));
  const line = scores.map((score) => String(score).padStart(16)).join("");
  console.log(`${`${page} (${preset})`.padEnd(48)}${line}`);
  if (scores.every((score) => score >= target)) return;
  isMet = false;
  for (const fault of faults(reports[0])) console.log(`    ${fault}`);
}

/** Now and then Lighthouse loses the beginning of its trace (NO_NAVSTART) and says to run it again. */
async function insist<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (cause) {
      if (attempt === 3) throw cause;
    }
  }
}

/** What cost points, the worst first. */
function faults(report: Report | undefined): string[] {
  return categories.flatMap((category) =>
    (report?.categories[category].auditRefs ?? [])
      .filter(({ weight }) => weight > 0)
      .map(({ id }) => report?.audits[id])
      .filter((audit) => audit !== undefined && audit.score !== null && audit.score < 0.9)
      .map((audit) => `${category}: ${audit?.title} ${audit?.displayValue ?? ""}`),
  );
}

function scoreOf(report: Report, category: Category): number {
  return Math.round((report.categories[category].score ?? 0) * 100);
}

async function report(page: string, preset: "phone" | "desktop"): Promise<Report> {
  const file = path.join(folder, "report.json");
  const flags = ["--headless=new", ...chromiumLaunch.args].join(" ");
  await run("npx", [
    "--yes",
    lighthouse,
    `${web}${page}`,
    "--quiet",
    "--no-enable-error-reporting",
    "--output=json",
    `--output-path=${file}`,
    `--only-categories=${categories.join(",")}`,
    `--chrome-flags=${flags}`,
    ...(preset === "desktop" ? ["--preset=desktop"] : []),
  ]);
  return JSON.parse(await readFile(file, "utf8"));
}

function run(program: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    // Elsewhere than here: npm would hold this project's rules about install scripts against somebody else's package.
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, CHROME_PATH: findChromium() ?? undefined },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
      errors = (errors + chunk).slice(-4_000);
    });
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}:\n${errors}`)),
    );
  });
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

async function startOwn() {
  const ports = { web: await freePort(), gateway: await freePort(), gatewayAdmin: await freePort() };
  return startPolicyLayer({ dataDir: path.join(folder, "data"), ports });
}
