import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const launcher = path.join(import.meta.dirname, "policylayer.mjs");
const root = path.dirname(import.meta.dirname);
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "policylayer-cli-"));
  await writeFile(path.join(folder, "policy.json"), '{ "version": "1", "default": "deny" }');
  await writeFile(path.join(folder, "bad.json"), '{ "version": "1" }');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(program: string, args: string[], options: { cwd?: string; input?: string | Buffer } = {}) {
  return new Promise<{ exitCode: number; out: string; err: string }>((resolve) => {
    const child = execFile(program, args, { cwd: options.cwd ?? folder }, (error, out, err) => {
      resolve({ exitCode: typeof error?.code === "number" ? error.code : error ? -1 : 0, out, err });
    });
    child.stdin?.on("error", () => {}); // nobody may be reading
    child.stdin?.end(options.input ?? "");
  });
}
const policylayer = (args: string[], input?: string | Buffer) =>
  start(process.execPath, [launcher, ...args], input === undefined ? {} : { input });

describe("the policylayer command as a process", () => {
  it("ends with 0, 1 or 2", async () => {
    expect(await policylayer(["validate", "policy.json"])).toMatchObject({ exitCode: 0, out: "policy.json: ok\n" });
    expect(await policylayer(["validate", "bad.json"])).toMatchObject({ exitCode: 1, out: "" });
    expect(await policylayer(["validate", "gone.json"])).toMatchObject({
      exitCode: 2,
      err: "policylayer: cannot read gone.json: there is no such file\n",
    });
    expect(await policylayer(["validate", "."])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("it is a folder"),
    });
    expect(await policylayer(["vlidate"])).toMatchObject({ exitCode: 2 });
  });

  it("reads its standard input, and says when that is no text", async () => {
    const read = await policylayer(["explain", "-"], '{ "version": "1", "default": "hide" }');
    expect(read.out).toContain("hidden, and denied when called");
    const binary = await policylayer(["explain", "-"], Buffer.from([0xff, 0xfe, 0x00]));
    expect(binary).toMatchObject({ exitCode: 2, err: "policylayer: cannot read <stdin>: it is not UTF-8 text\n" });
  });

  it("writes what it converts", async () => {
    await writeFile(path.join(folder, "a.yaml"), 'version: "1"\ntools: { t: { rules: [] } }\n');
    expect(await policylayer(["convert", "a.yaml", "--out", "a.json"])).toMatchObject({ exitCode: 0, out: "" });
    expect(JSON.parse(await readFile(path.join(folder, "a.json"), "utf8"))).toMatchObject({ tools: { t: {} } });
  });

  it("works through a link, as a package's bin is one", async () => {
    const link = path.join(folder, "policylayer");
    await symlink(launcher, link);
    const { version } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
    expect(await start(link, ["--version"])).toMatchObject({ exitCode: 0, out: `${version}\n` });
  });

  it("works where nothing can be written", async () => {
    const copy = path.join(folder, "package");
    for (const part of ["cli", "policy", "catalog", "package.json", "package-lock.json"]) {
      await cp(path.join(root, part), path.join(copy, part), { recursive: true });
    }
    await symlink(path.join(root, "node_modules"), path.join(copy, "node_modules"));
    await writeFile(path.join(copy, "dist"), "a file where the folder would be");
    const args = [path.join(copy, "cli/policylayer.mjs"), "validate", "policy.json"];
    expect(await start(process.execPath, args)).toMatchObject({ exitCode: 0, out: "policy.json: ok\n" });
  });

  it("is what npx finds in the package", async () => {
    const answer = await start("npx", ["--no-install", "policylayer", "--version", "--json"], { cwd: root });
    expect(JSON.parse(answer.out)).toMatchObject({ ok: true });
  });
});
