import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepRunning, type Supervised } from "./supervise.ts";

let scratch: string;
let supervised: Supervised | undefined;

beforeEach(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "policylayer-supervise-"));
});
afterEach(async () => {
  await supervised?.stop(100);
  await rm(scratch, { recursive: true, force: true });
});

/** Supervises a program that notes each of its starts in a file. */
async function keep(source: string, said: string[] = [], secrets?: Record<string, string>): Promise<Supervised> {
  const file = path.join(scratch, "program.mjs");
  const note = `import { appendFileSync } from "node:fs"; appendFileSync("starts", process.pid + "\\n");`;
  await writeFile(file, `process.chdir(${JSON.stringify(scratch)}); ${note} ${source}`);
  const args = ["--import", "tsx", file];
  const program = { name: "program", args: secrets ? args : [file], env: { ...process.env, ...secrets } };
  supervised = keepRunning({ ...program, ...(secrets && { secrets }) }, (line) => said.push(line));
  return supervised;
}

async function starts(): Promise<number[]> {
  const text = await readFile(path.join(scratch, "starts"), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).map(Number);
}

const healthy = `process.send("ready"); setInterval(() => {}, 1000);`;

describe("a supervised program", () => {
  it("is started again when it is killed, and says that it is back", async () => {
    const said: string[] = [];
    await (await keep(healthy, said)).ready;
    process.kill((await starts())[0] ?? 0, "SIGKILL");
    await expect.poll(async () => (await starts()).length, { timeout: 5_000 }).toBe(2);
    await expect
      .poll(() => said)
      .toEqual([
        "program ended (SIGKILL); starting it again in 250 ms",
        `program is back (process ${(await starts())[1]})`,
      ]);
  });

  it("that never becomes ready is given up after three tries", async () => {
    await expect((await keep("process.exit(7);")).ready).rejects.toThrow("program did not start: exit code 7");
    expect(await starts()).toHaveLength(3);
  });

  it("is asked to end, then killed", async () => {
    await (await keep(`process.on("SIGTERM", () => {}); ${healthy}`)).ready;
    const from = Date.now();
    await supervised?.stop(300);
    expect(Date.now() - from).toBeGreaterThanOrEqual(295);
    expect(Date.now() - from).toBeLessThan(2_000);
  });

  it("stays ended when it is stopped while waiting for its next start", async () => {
    const program = await keep(`setTimeout(() => process.exit(1), 100); process.send("ready");`);
    await program.ready;
    await expect.poll(async () => (await starts()).length, { timeout: 5_000 }).toBe(2);
    await program.stop(100);
    const atStop = await starts();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await starts()).toEqual(atStop);
  });

  it.runIf(process.platform === "linux")("has its secrets, and not where other programs can read them", async () => {
    const module = path.resolve("prisma/handed-secrets.ts");
    const source = `
      import { readFileSync, writeFileSync } from "node:fs";
      import { receiveSecrets } from ${JSON.stringify(module)};
      await receiveSecrets();
      const told = { has: process.env.SECRET_KEY, shows: readFileSync("/proc/self/environ", "latin1").includes("canary-key") };
      writeFileSync("told", JSON.stringify(told));
      ${healthy}`;
    await (await keep(source, [], { SECRET_KEY: "canary-key" })).ready;
    const told = JSON.parse(await readFile(path.join(scratch, "told"), "utf8"));
    expect(told).toEqual({ has: "canary-key", shows: false });
  });
});
