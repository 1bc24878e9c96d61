import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hydrateLater } from "./hydration.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "policylayer-hydration-"));
  for (const folder of [".next/static/chunks", ".next/server", "app/_client"]) {
    await mkdir(path.join(root, folder), { recursive: true });
  }
  await writeFile(
    path.join(root, "app/_client/hydrate-later.js"),
    await readFile(new URL("./app/_client/hydrate-later.js", import.meta.url)),
  );
});
afterEach(() => rm(root, { recursive: true }));

const write = (file: string, content: unknown) => writeFile(path.join(root, file), JSON.stringify(content));
const readManifest = async () => JSON.parse(await readFile(path.join(root, ".next/build-manifest.json"), "utf8"));

it("lets public pages start with one small script that names what it stands for, and no page that is worked", async () => {
  const rootMainFiles = ["static/chunks/a.js", "static/chunks/b.js"];
  await write(".next/build-manifest.json", { rootMainFiles, rootMainFilesTree: {}, other: 1 });
  await write(".next/server/app-paths-manifest.json", {
    "/(public)/catalog/page": "x",
    "/(public)/catalog/changes.xml/route": "x",
    "/(public)/attacks/[slug]/page": "x",
    "/(dashboard)/calls/page": "x",
  });
  await hydrateLater(root);
  const manifest = await readManifest();
  expect(Object.keys(manifest.rootMainFilesTree)).toEqual(["/(public)/catalog/page"]);
  expect(manifest).toMatchObject({ rootMainFiles, other: 1 });
  const [name] = manifest.rootMainFilesTree["/(public)/catalog/page"];
  const script = await readFile(path.join(root, ".next", name), "utf8");
  expect(script).toContain('"/_next/static/chunks/a.js","/_next/static/chunks/b.js"');
  expect(script.length).toBeLessThan(2_000);
});

it("a build that is written in another way is not changed", async () => {
  await write(".next/build-manifest.json", { rootMainFiles: [] });
  await write(".next/server/app-paths-manifest.json", {});
  await expect(hydrateLater(root)).rejects.toThrow();
  expect(await readManifest()).toEqual({ rootMainFiles: [] });
});
