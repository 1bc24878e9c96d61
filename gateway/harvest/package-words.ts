// What a package says of itself in its own folder, within bounds: a package may be anything.
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const sourceBytesMax = 12 * 1024 * 1024;
const fileBytesMax = 4 * 1024 * 1024;
const filesMax = 400;
const readmeBytesMax = 512 * 1024;

export function readmeIn(folder: string): string {
  const name = namesIn(folder).find((file) => /^readme(?:\.\w+)?$/i.test(file));
  return name === undefined ? "" : textOf(join(folder, name), readmeBytesMax);
}

/** Its own sources, not those of what it depends on; shallow ones first. */
export function sourcesIn(folder: string): string {
  const texts: string[] = [];
  let [bytes, files] = [0, 0];
  const open = [folder];
  for (let at = open.shift(); at !== undefined && files < filesMax; at = open.shift()) {
    for (const name of namesIn(at)) {
      const path = join(at, name);
      const found = statOf(path);
      if (found?.isDirectory() && name !== "node_modules" && open.length < filesMax) open.push(path);
      if (!found?.isFile() || !/\.[cm]?js$/.test(name) || found.size > fileBytesMax) continue;
      files += 1;
      bytes += found.size;
      if (bytes > sourceBytesMax || files > filesMax) return texts.join("\n");
      texts.push(textOf(path, fileBytesMax));
    }
  }
  return texts.join("\n");
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort().slice(0, 2_000);
  } catch {
    return [];
  }
}

function statOf(path: string) {
  try {
    return lstatSync(path);
  } catch {
    return null; // gone
  }
}

function textOf(path: string, bytesMax: number): string {
  const found = statOf(path);
  if (!found?.isFile() || found.size > bytesMax) return "";
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
