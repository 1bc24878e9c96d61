// What the web process may ask of a gateway about servers that are not registered here: to list one, to read a page of a registry.
import * as z from "zod";
import { type Harvest, harvestTargetSchema, harvestTroubles, sourceOf } from "../../catalog/harvest.ts";
import type { Log } from "../log.ts";
import type { UpstreamSettings } from "../upstream/upstream.ts";
import { type HarvestOptions, harvest } from "./harvest.ts";
import { type FetchedPage, fetchRegistryPage, registryRequestSchema } from "./registry.ts";

/** Beside the calls of agents, which come first: each harvest installs and starts a program. */
const atOnceMax = 2;

export type HarvestDesk = {
  /** The function behind `POST /internal/harvest`. */
  harvest(body: unknown, signal: AbortSignal): Promise<Harvest>;
  /** The function behind `POST /internal/registry`. */
  registry(body: unknown, signal: AbortSignal): Promise<FetchedPage>;
  /** Calls off what is under way. */
  close(): void;
};

export function openHarvestDesk(settings: UpstreamSettings, log: Log, options: HarvestOptions = {}): HarvestDesk {
  const closing = new AbortController();
  let underWay = 0;
  return {
    async harvest(body, signal) {
      const asked = z.object({ target: harvestTargetSchema }).safeParse(body);
      if (!asked.success) return failed("", "unreadable");
      const { target } = asked.data;
      if (underWay >= atOnceMax) return failed(sourceOf(target), "busy");
      underWay += 1;
      try {
        return await harvest(target, settings, log, AbortSignal.any([signal, closing.signal]), options);
      } finally {
        underWay -= 1;
      }
    },
    async registry(body, signal) {
      const asked = registryRequestSchema.safeParse(body);
      if (!asked.success) return { ok: false, code: "unreadable", message: "The request cannot be read." };
      return fetchRegistryPage(asked.data, settings, log, AbortSignal.any([signal, closing.signal]));
    },
    close: () => closing.abort(),
  };
}

function failed(source: string, code: "unreadable" | "busy"): Harvest {
  return { ok: false, source, code, message: harvestTroubles[code], version: null, ms: 0, isolation: null };
}
