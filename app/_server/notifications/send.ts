// One try to hand a message over. The address was given by a member, so it is vetted as a gateway vets its upstreams: when it is
// read, and again at each connect.
import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { AddressRefused, readUpstreamUrl, vettedLookup } from "../../../address.ts";

export type Sent =
  | { ok: true; status: number | null }
  /** `final`: another try would come to the same. */
  | { ok: false; status: number | null; trouble: string; final: boolean };

type Post = {
  url: string;
  body: string;
  secret: string;
  deliveryId: string;
  event: string;
  /** `application/json` when left out. */
  contentType?: string;
};

/** Redirects are not followed: they lead where nobody looked. Of the answer only the status is read. */
export async function post(
  { url, body, secret, deliveryId, event, contentType = "application/json" }: Post,
  { allowPrivate, timeoutMs = 10_000 }: { allowPrivate: boolean; timeoutMs?: number },
): Promise<Sent> {
  const target = readUpstreamUrl(url, allowPrivate);
  if (!target.ok)
    return { ok: false, status: null, trouble: "The address is not one that may be sent to.", final: true };
  const bytes = Buffer.from(body);
  const signedAt = Math.floor(Date.now() / 1_000);
  return new Promise((resolve) => {
    const failed = (trouble: string, final = false) => resolve({ ok: false, status: null, trouble, final });
    const send = url.startsWith("https:") ? httpsRequest : httpRequest;
    const request = send(url, {
      method: "POST",
      agent: false,
      lookup: vettedLookup(allowPrivate),
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        "content-type": contentType,
        "content-length": bytes.length,
        "user-agent": "PolicyLayer",
        "policylayer-signature": signatureOf(secret, signedAt, body),
        "policylayer-delivery": deliveryId,
        "policylayer-event": event,
      },
    });
    request.on("response", (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      if (status >= 200 && status < 300) resolve({ ok: true, status });
      else resolve({ ok: false, status, trouble: `It answered with HTTP status ${status}.`, final: status === 410 });
    });
    request.on("error", (cause: NodeJS.ErrnoException) => {
      if (cause instanceof AddressRefused) failed("The address is not one that may be sent to.", true);
      else if (cause.name === "TimeoutError" || cause.name === "AbortError") {
        failed(`It did not answer within ${timeoutMs / 1_000} s.`);
      } else failed(`It could not be reached (${cause.code ?? "no connection"}).`);
    });
    request.end(bytes);
  });
}

/** @param signedAt Seconds since the epoch: a receiver may refuse what is old. */
export function signatureOf(secret: string, signedAt: number, body: string): string {
  return `t=${signedAt},v1=${createHmac("sha256", secret).update(`${signedAt}.${body}`).digest("hex")}`;
}
