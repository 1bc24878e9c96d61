// What fails is named at the end of `npm test`, wherever it failed: a log that is cut off keeps its end.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestReport } from "./test-report.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "policylayer-report-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the report of a run", () => {
  it("counts what passed and names what failed in tests, in hooks, in a file and outside of all", async () => {
    await files({
      "good.test.ts": `it("holds", () => {});`,
      "bad.test.ts": `describe("a door", () => { it("opens", () => { throw new Error("it is stuck"); }); it("shuts", () => {}); });`,
      "hook.test.ts": `beforeAll(() => { throw new Error("npm start ended with 1"); }); it("never begins", () => {});`,
      "inner.test.ts": `describe("a room", () => { beforeAll(() => { throw new Error("no key"); }); it("never begins", () => {}); });`,
      "broken.test.ts": `throw new Error("cannot be loaded");`,
      "late.test.ts": `it("leaves something", () => { void Promise.reject(new Error("nobody waits")); });`,
    });
    const { passed, failed, failures } = await reportOf();
    expect(passed).toBe(3);
    expect(failed).toBe(5);
    const named = failures.map((failure) => failure.split("\n").slice(0, 2).join(" | ")).sort();
    expect(named).toEqual([
      expect.stringMatching(/bad\.test\.ts › a door > opens \| Error: it is stuck$/),
      expect.stringMatching(/broken\.test\.ts › before or after its tests \| Error: cannot be loaded$/),
      expect.stringMatching(/hook\.test\.ts › before or after its tests \| Error: npm start ended with 1$/),
      expect.stringMatching(/inner\.test\.ts › a room \| Error: no key$/),
      expect.stringMatching(/^outside of a test \| Error: nobody waits$/),
    ]);
  }, 60_000);
});

async function files(texts: Record<string, string>): Promise<void> {
  await Promise.all(Object.entries(texts).map(([name, text]) => writeFile(join(folder, name), text)));
}

async function reportOf(): Promise<TestReport> {
  const report = join(folder, "report.json");
  const vitest = join(project, "node_modules/vitest/vitest.mjs");
  const reporter = join(project, "e2e/harness/test-report.ts");
  const args = [vitest, "run", "--root", folder, "--globals", "--reporter", reporter];
  const { VITEST: _, ...env } = process.env;
  await new Promise<void>((resolve) => {
    execFile(process.execPath, args, { env: { ...env, TEST_REPORT: report } }, () => resolve());
  });
  return JSON.parse(await readFile(report, "utf8"));
}
