// Asks a gateway to list a published server's tools, or to read a page of a registry: only gateways speak to other machines.
import http from "node:http";
import * as z from "zod";
import { type Harvest, type HarvestTarget, harvestSchema } from "../../../catalog/harvest.ts";
import { registryEntrySchema } from "../../../catalog/registry.ts";
import { internalToken } from "../../../prisma/secrets.ts";
import { secretKeys } from "../environment.ts";
import { findGatewayAdminUrl } from "../gateways.ts";
import { Later, type RegistryPage } from "./job-work.ts";

/** Longer than the gateway's own patience, so that it is the gateway who says what was the matter. */
const answerTimeoutMs = 400_000;
/** A server with very many tools, each with a long definition. */
const answerBytesMax = 64 * 1024 * 1024;

export async function askForHarvest(target: HarvestTarget, signal: AbortSignal): Promise<Harvest> {
  return harvestSchema.parse(await ask("/internal/harvest", { target }, signal));
}

const registryPageSchema = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    entries: z.array(registryEntrySchema),
    nextCursor: z.string().nullable(),
    problems: z.array(z.string()),
  }),
  z.object({ ok: z.literal(false), message: z.string() }),
]);

export async function askForRegistryPage(
  url: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<RegistryPage> {
  return registryPageSchema.parse(await ask("/internal/registry", { url, cursor }, signal));
}

const noGateway = "Waiting for a gateway to run.";

/** Not `fetch`, which gives up when an answer has not begun after five minutes. Hanging up calls the work off. */
async function ask(path: string, body: object, signal: AbortSignal): Promise<unknown> {
  const adminUrl = await findGatewayAdminUrl();
  if (adminUrl === null) throw new Later(noGateway);
  const patience = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
  const request = http.request(new URL(path, adminUrl), {
    method: "POST",
    headers: { authorization: `Bearer ${internalToken(secretKeys())}`, "content-type": "application/json" },
    signal: patience,
  });
  try {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      request.on("response", resolve).on("error", reject).end(JSON.stringify(body));
    });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > answerBytesMax) throw new Error("the gateway's answer is too long");
      chunks.push(chunk);
    }
    if (response.statusCode !== 200) throw new Error(`the gateway answered ${response.statusCode} to ${path}`);
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch (cause) {
    signal.throwIfAborted();
    if (isHangUp(cause)) throw new Later(noGateway, { cause });
    throw cause;
  } finally {
    request.destroy();
  }
}

function isHangUp(cause: unknown): boolean {
  const { code } = cause as { code?: unknown };
  return code === "ECONNREFUSED" || code === "ECONNRESET" || code === "EPIPE";
}
