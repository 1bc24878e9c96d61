// Builds the web (next build) and both server programs (esbuild) when their sources changed since the last build.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { hydrateLater } from "./hydration.ts";
import { claimFile } from "./prisma/processes.ts";

const root = path.dirname(fileURLToPath(import.meta.url));
const stampFile = path.join(root, "dist/.built-from");
const lockFile = path.join(root, "dist/.building");

/** What ends up in a build. The generated database client follows from schema.prisma, which is among them. */
const sources = [
  "app",
  "components",
  "policy",
  "catalog",
  "gateway",
  "prisma",
  "public",
  "settings.ts",
  "proxy.ts",
  "instrumentation.ts",
  "web.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
  "build.ts",
  "hydration.ts",
];
const notBuilt = /\.test\.tsx?$|\.md$|^prisma\/(generated|migrations)\//;

/** `output` holds what the failed build printed. */
export type Built = { ok: true } | { ok: false; output: string };

/** Builds when something changed. Two at once would spoil each other's files: the second waits, and then has nothing to do. */
export async function buildIfStale(say: (line: string) => void): Promise<Built> {
  const fingerprint = await fingerprintOfSources();
  const isCurrent = async () => (await readFile(stampFile, "utf8").catch(() => "")) === fingerprint;
  if (await isCurrent()) return { ok: true };
  await mkdir(path.dirname(stampFile), { recursive: true });
  while (claimFile(lockFile).holder !== null) await sleep(200);
  try {
    if (await isCurrent()) return { ok: true };
    say("building, because sources changed since the last build; half a minute to a minute");
    return await build(fingerprint);
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function build(fingerprint: string): Promise<Built> {
  await rm(stampFile, { force: true });
  await buildServers();
  const web = await nextBuild();
  if (!web.ok) {
    // Next keeps failures of its CSS worker in its cache and repeats them when the cause is long gone.
    await rm(path.join(root, ".next"), { recursive: true, force: true });
    return web;
  }
  await hydrateLater(root);
  await writeFile(stampFile, fingerprint);
  return { ok: true };
}

async function fingerprintOfSources(): Promise<string> {
  const hash = createHash("sha256").update(process.version.split(".")[0] ?? "");
  for (const source of sources) {
    for (const file of await filesUnder(source)) {
      hash.update(`\0${file}\0`).update(await readFile(path.join(root, file)));
    }
  }
  return hash.digest("hex");
}

async function filesUnder(source: string): Promise<string[]> {
  if (path.extname(source)) return existsSync(path.join(root, source)) ? [source] : [];
  const entries = await readdir(path.join(root, source), { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .filter((file) => !notBuilt.test(file))
    .sort();
}

/**
 * dist/web.mjs, dist/gateway.mjs and what they share: our own code, so that a start need not translate TypeScript. In pieces, because
 * in one file a module that waits for something while it is loaded (prisma/aead.ts) could not be imported later than the others.
 */
export async function buildServers(outdir = "dist"): Promise<void> {
  const esbuild = await import("esbuild");
  // Those of builds before have other names.
  await rm(path.resolve(root, outdir, "pieces"), { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: { web: "web.ts", gateway: "gateway/main.ts" },
    outdir,
    outExtension: { ".js": ".mjs" },
    chunkNames: "pieces/[name]-[hash]",
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: true,
    logLevel: "error",
  });
}

/** How Node runs a server that was built. */
export function builtProgram(name: "web" | "gateway", outdir = "dist"): string[] {
  return ["--enable-source-maps", path.join(outdir, `${name}.mjs`)];
}

async function nextBuild(): Promise<Built> {
  let output = "";
  const child = spawn(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // When we end, so does a build that is under way.
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => {
    child.on("error", resolve);
    child.on("close", resolve);
  });
  process.off("exit", end);
  return code === 0 ? { ok: true } : { ok: false, output };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Who asks for a build gets one.
  if (!process.argv.includes("--if-stale")) await rm(stampFile, { force: true });
  const result = await buildIfStale(console.log);
  console.log(result.ok ? "PolicyLayer: .next and dist are built" : result.output);
  process.exitCode = result.ok ? 0 : 1;
}
