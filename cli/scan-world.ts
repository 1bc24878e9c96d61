import { mkdtempSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Harvest, HarvestTarget } from "../catalog/harvest.ts";
import type { FetchedPage } from "../gateway/harvest/registry.ts";

/** What a scan does outside; a test brings its own. */
export type ScanWorld = {
  harvest: (target: HarvestTarget) => Promise<Harvest>;
  registryPage: (url: string, cursor: string | null) => Promise<FetchedPage>;
  /** The names in a folder; none when there is no such folder. */
  list: (folder: string | undefined) => Promise<string[]>;
  /** Makes the folder as needed. A sentence on what went wrong, or null. */
  write: (file: string, text: string) => Promise<string | null>;
  /** Says that the person has seen enough. */
  signal: AbortSignal;
  close: () => Promise<void>;
};

/** On the machine of the person who asks: addresses of its own network may be asked as well. */
export function realScanWorld(): ScanWorld {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  let made: string | undefined;
  const folder = () => {
    made ??= mkdtempSync(path.join(tmpdir(), "policylayer-scan-"));
    return made;
  };
  const settings = { hosted: false, allowStdio: true, allowPrivateUpstreams: true, stdioUser: null };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  // Read when they are asked for: the other commands need no network.
  let downloads: string | undefined;
  return {
    harvest: async (target) => {
      const { harvest, sharedDownloads } = await import("../gateway/harvest/harvest.ts");
      downloads ??= sharedDownloads(folder(), settings);
      return harvest(target, { ...settings, dataDir: folder() }, log, stopping.signal, { cache: downloads });
    },
    registryPage: async (url, cursor) => {
      const { fetchRegistryPage } = await import("../gateway/harvest/registry.ts");
      return fetchRegistryPage({ url, cursor }, settings, log, stopping.signal);
    },
    list: async (from) => (from === undefined ? [] : readdir(from).catch(() => [])),
    write: async (file, text) => {
      try {
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, text);
        return null;
      } catch (cause) {
        return `cannot write ${file}: ${(cause as Error).message}`;
      }
    },
    signal: stopping.signal,
    close: async () => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      if (made !== undefined) await rm(made, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
