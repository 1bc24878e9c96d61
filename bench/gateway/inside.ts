// Asks a gateway that runs with inside.mjs how its event loop and its heap are.
import { readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";

const insideSchema = z.object({
  /** Milliseconds that the event loop was held up since it was asked before. */
  held: z.object({ p50: z.number(), p99: z.number(), p999: z.number(), max: z.number() }),
  /** Bytes. */
  rss: z.number(),
  heapUsed: z.number(),
  heapTotal: z.number(),
  external: z.number(),
});
export type Inside = z.infer<typeof insideSchema>;

/**
 * What the environment of a gateway needs so that it can be asked.
 *
 * @param collects Whether the heap is collected each time; that takes a moment in which nothing is answered.
 */
export function insideEnvironment(file: string, collects = true): Record<string, string> {
  const hook = new URL("inside.mjs", import.meta.url).href;
  const NODE_OPTIONS = `${process.env.GATEWAY_NODE_OPTIONS ?? ""} --import=${hook}`.trim();
  return { NODE_OPTIONS, INSIDE_FILE: file, INSIDE_COLLECT: collects ? "always" : "never" };
}

/** @throws Error when it does not answer within 10 s. */
export async function askInside(pid: number, file: string): Promise<Inside> {
  await rm(file, { force: true });
  process.kill(pid, "SIGUSR2");
  for (let tries = 0; tries < 1_000; tries++) {
    await sleep(10);
    const text = await readFile(file, "utf8").catch(() => "");
    if (text.endsWith("}")) return insideSchema.parse(JSON.parse(text));
  }
  throw new Error("the gateway does not say how it is");
}
