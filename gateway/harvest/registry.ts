// Fetches pages of an MCP registry, from addresses that the gateway may dial and no others.
import { Agent, request } from "undici";
import * as z from "zod";
import { AddressRefused, readUpstreamUrl, vettedLookup } from "../../address.ts";
import { type RegistryPage, readRegistryPage } from "../../catalog/registry.ts";
import type { Log } from "../log.ts";
import type { UpstreamSettings } from "../upstream/upstream.ts";

export type FetchedPage =
  | ({ ok: true } & RegistryPage)
  | { ok: false; code: "unreadable" | "address_refused" | "unreachable" | "too_large" | "cancelled"; message: string };

export const registryRequestSchema = z.object({ url: z.string().max(2_000), cursor: z.string().max(1_000).nullish() });

const pageBytesMax = 16 * 1024 * 1024;
const timeoutMs = 60_000;
const entriesAPage = "100";

/** Fetches one page. Never rejects. Redirects are not followed: where they lead has not been asked for. */
export async function fetchRegistryPage(
  { url, cursor }: z.infer<typeof registryRequestSchema>,
  settings: Pick<UpstreamSettings, "allowPrivateUpstreams">,
  log: Log,
  signal: AbortSignal = new AbortController().signal,
): Promise<FetchedPage> {
  const allowPrivate = settings.allowPrivateUpstreams;
  const target = readUpstreamUrl(url, allowPrivate);
  if (!target.ok) return { ok: false, code: "address_refused", message: target.message };
  const page = new URL(url);
  if (cursor) page.searchParams.set("cursor", cursor);
  if (!page.searchParams.has("limit")) page.searchParams.set("limit", entriesAPage);
  const dispatcher = new Agent({ connect: { lookup: vettedLookup(allowPrivate), timeout: 10_000 } });
  const patience = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const { statusCode, body } = await request(page, {
      dispatcher,
      signal: patience,
      headers: { accept: "application/json", "user-agent": "PolicyLayer" },
    });
    if (statusCode !== 200) {
      body.on("error", () => {}).destroy();
      const message = `The registry answered with HTTP ${statusCode}.`;
      return { ok: false, code: "unreachable", message };
    }
    const text = await textOf(body);
    if (text === null) return { ok: false, code: "too_large", message: "The page is larger than 16 MiB." };
    const json = parse(text);
    if (json === undefined) return { ok: false, code: "unreadable", message: "What answers there is not JSON." };
    return { ok: true, ...readRegistryPage(json) };
  } catch (cause) {
    if (signal.aborted) return { ok: false, code: "cancelled", message: "It was called off." };
    if (cause instanceof AddressRefused) return { ok: false, code: "address_refused", message: cause.message };
    log.info({ cause: String(cause) }, "a registry could not be read");
    const message = patience.aborted ? "The registry did not answer in time." : "Nothing answers at that address.";
    return { ok: false, code: "unreachable", message };
  } finally {
    await dispatcher.destroy();
  }
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > pageBytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
