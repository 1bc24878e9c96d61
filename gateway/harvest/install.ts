// A published package on disk, with what the registry says of it. The only step of a harvest that has a network.
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { HarvestTrouble } from "../../catalog/harvest.ts";
import { clean } from "../inspect-tools.ts";
import { bytesIn, makeFolder, type NpmEnd, type NpmRun, runNpm } from "./npm.ts";

/** What the registry says. */
export type Manifest = {
  name: string;
  version: string;
  licence: string | null;
  repository: string | null;
  homepage: string | null;
  description: string | null;
  /** The names of its commands, the likeliest one first. */
  commands: string[];
};

export type Installed =
  /** `folder` holds node_modules. */
  | { ok: true; manifest: Manifest; folder: string }
  | { ok: false; code: HarvestTrouble; message: string; version: string | null };

const textOrObject = (key: string) =>
  z.union([z.string(), z.object({ [key]: z.string() }).transform((holder) => holder[key] as string)]);
const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: textOrObject("type").nullish().catch(null),
  repository: textOrObject("url").nullish().catch(null),
  homepage: z.string().nullish().catch(null),
  description: z.string().nullish().catch(null),
  bin: z
    .union([z.string(), z.record(z.string(), z.string())])
    .nullish()
    .catch(null),
  dist: z
    .object({ unpackedSize: z.number().nullish().catch(null) })
    .nullish()
    .catch(null),
});

const textLengthMax = 500;
const fields = ["name", "version", "license", "repository", "homepage", "description", "bin", "dist"];

export async function install(name: string, version: string | undefined, run: NpmRun): Promise<Installed> {
  const asked = await runNpm(["view", `${name}@${version ?? "latest"}`, ...fields], { ...run, timeoutMs: 60_000 });
  if (asked.kind !== "done" || asked.code !== 0) {
    const { code } = errorIn(asked);
    if (code && missing.has(code)) return notAPackage;
    return notInstalled(asked, null);
  }
  const found = manifestSchema.safeParse(lastOf(parse(asked.stdout)));
  if (!found.success || found.data.name !== name) return notAPackage;
  const manifest = manifestOf(found.data);
  if ((found.data.dist?.unpackedSize ?? 0) > run.bytesMax) return tooLarge(manifest.version);
  if (manifest.commands.length === 0) {
    return {
      ok: false,
      code: "no_command",
      message: "The package has no command to start.",
      version: manifest.version,
    };
  }
  const folder = join(run.folder, "package");
  makeFolder(folder, run.user);
  const installed = await runNpm(
    ["install", `${name}@${manifest.version}`, `--prefix=${folder}`, "--prefer-offline"],
    run,
  );
  if (installed.kind !== "done" || installed.code !== 0) return notInstalled(installed, manifest.version);
  if ((await bytesIn(folder)) > run.bytesMax) return tooLarge(manifest.version);
  const commands = manifest.commands.filter((command) => existsSync(join(folder, "node_modules/.bin", command)));
  return { ok: true, manifest: { ...manifest, commands }, folder };
}

function manifestOf(found: z.infer<typeof manifestSchema>): Manifest {
  const { name, version, license, repository, homepage, description, bin } = found;
  const own = name.replace(/^@[^/]*\//, "");
  const commands = typeof bin === "string" ? [own] : Object.keys(bin ?? {});
  // As npx chooses; where it would not know, the one that says what it is.
  const rank = (command: string) => (command === own ? 0 : /mcp/i.test(command) ? 1 : 2);
  return {
    name,
    version,
    licence: bounded(license),
    repository: webAddressOf(repository),
    homepage: webAddressOf(homepage),
    description: bounded(description),
    commands: commands.filter(isFileName).sort((a, b) => rank(a) - rank(b)),
  };
}

/** `git+https://github.com/o/r.git` and `github:o/r` as people open them; null for what is no address of the web. */
function webAddressOf(address: string | null | undefined): string | null {
  if (!address) return null;
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(address)?.[1];
  const web = short
    ? `https://github.com/${short}`
    : address
        .replace(/^git\+/, "")
        .replace(/^(?:git|ssh):\/\/(?:git@)?/, "https://")
        .replace(/^git@([^:]+):/, "https://$1/");
  if (!/^https?:\/\/[^\s@]+$/.test(web) || !URL.canParse(web)) return null;
  return bounded(web.replace(/\.git$/, ""));
}

function bounded(text: string | null | undefined): string | null {
  return text ? clean(text).slice(0, textLengthMax) : null;
}

/** npm links a command under its name, which must not lead anywhere else. */
function isFileName(command: string): boolean {
  return /^[\w][\w.@-]{0,213}$/.test(command);
}

const missing = new Set(["E404", "ETARGET", "EINVALIDPACKAGENAME", "ENOVERSIONS"]);
const errorSchema = z.object({ error: z.object({ code: z.string().nullish(), summary: z.string().nullish() }) });

const notAPackage: Installed = {
  ok: false,
  code: "not_a_package",
  message: "There is no such package, or no such version of it.",
  version: null,
};

function errorIn(end: NpmEnd): { code?: string | null; summary?: string | null } {
  return (end.kind === "done" && errorSchema.safeParse(parse(end.stdout)).data?.error) || {};
}

function notInstalled(end: NpmEnd, version: string | null): Installed {
  const trouble = (code: HarvestTrouble, message: string): Installed => ({ ok: false, code, message, version });
  if (end.kind === "cancelled") return trouble("cancelled", "It was called off.");
  if (end.kind === "no_npm") return trouble("install_failed", "There is no npm on this machine.");
  if (end.kind === "timed_out") return trouble("install_failed", "Installing it took too long.");
  if (end.kind !== "done") return tooLarge(version);
  const { code, summary } = errorIn(end);
  const words = clean(summary ?? "")
    .trim()
    .slice(0, 300);
  return trouble(
    "install_failed",
    `npm could not install it${code ? ` (${clean(code)})` : ""}.${words && ` ${words}`}`,
  );
}

function tooLarge(version: string | null): Installed {
  return { ok: false, code: "too_large", message: "The package is larger than what is installed here.", version };
}

/** A tag that several versions had is answered with all of them. */
function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
