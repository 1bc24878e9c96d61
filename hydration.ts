// After `next build`: the public pages get React when somebody begins to do something (app/_client/hydrate-later.js), instead of at once.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";

/** What is needed of Next's own list of a build's files. `rootMainFilesTree` is Next's place for a page that starts with others. */
const buildManifestSchema = z.looseObject({
  rootMainFiles: z.array(z.string()).min(1),
  rootMainFilesTree: z.record(z.string(), z.array(z.string())),
});
const pagesSchema = z.record(z.string(), z.string());

/** A pattern's calls are there to be stepped through and changed: its buttons come with React. */
const aliveAtOnce = "/(public)/attacks/[slug]/page";

/**
 * Lets the pages under app/(public) that are read, not worked, start with a script of some hundred bytes.
 *
 * @throws When the build is not written as the pinned version of Next writes it.
 */
export async function hydrateLater(root: string): Promise<void> {
  const manifestFile = path.join(root, ".next/build-manifest.json");
  const manifest = buildManifestSchema.parse(await readJson(manifestFile));
  const pages = pagesSchema.parse(await readJson(path.join(root, ".next/server/app-paths-manifest.json")));
  const name = await writeScript(root, manifest.rootMainFiles);
  const quiet = Object.keys(pages).filter(
    (page) => page.startsWith("/(public)/") && page.endsWith("/page") && page !== aliveAtOnce,
  );
  manifest.rootMainFilesTree = Object.fromEntries(quiet.map((page) => [page, [name]]));
  await writeFile(manifestFile, JSON.stringify(manifest, null, 2));
}

async function writeScript(root: string, files: readonly string[]): Promise<string> {
  const { transform } = await import("esbuild");
  const source = await readFile(path.join(root, "app/_client/hydrate-later.js"), "utf8");
  const laterScripts = JSON.stringify(files.map((file) => `/_next/${file}`));
  const { code } = await transform(`const laterScripts = ${laterScripts};\n${source}`, {
    minify: true,
    format: "iife",
    target: "es2020",
  });
  const name = `static/chunks/hydrate-later-${createHash("sha256").update(code).digest("hex").slice(0, 16)}.js`;
  await writeFile(path.join(root, ".next", name), code);
  return name;
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, "utf8"));
}
