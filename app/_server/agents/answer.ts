import { addressOf } from "../attempts.ts";
import { settings } from "../environment.ts";
import { judgeSource } from "../hosts.ts";
import { readJsonBody } from "../json-body.ts";
import { Pace } from "../pace.ts";
import { problemResponse, Refusal, refusals, refuse } from "../refusals.ts";
import { registryHandler } from "./registry.ts";

/** Revision 2025-03-26 lets a client send many messages at once. */
const messagesMax = 10;

let pace: Pace | undefined;

/** Answers a request to the registry for agents. Anybody may ask; each address only so often. */
export async function answerAgents(request: Request): Promise<Response> {
  // The proxy has asked this already. It is asked again here because everything else relies on it.
  const { method, headers } = request;
  const foreign = judgeSource(settings(), { method, pathname: new URL(request.url).pathname, headers });
  if (foreign) return problemResponse(refuse(foreign));
  if (method !== "POST") return withHeaders(await registryHandler.fetch(request));

  pace ??= new Pace(settings().hosted ? 120 : 1_200);
  const address = addressOf(headers);
  const json = pace.waitS(address) > 0 ? null : await readJsonBody(request);
  if (json instanceof Refusal) {
    const { status, title } = refusals[json.code];
    return errorResponse(status, json.code === "invalid_json" ? -32700 : -32600, json.more.detail ?? title);
  }
  const messages = json !== null && Array.isArray(json.value) ? json.value.length : 1;
  if (messages > messagesMax) return errorResponse(400, -32600, `At most ${messagesMax} messages at once.`);
  const waitS = pace.take(address, Math.max(1, messages));
  if (json === null || waitS > 0) {
    const sentence = `Too many requests. Wait ${waitS} s.`;
    return errorResponse(429, -32000, sentence, { "retry-after": String(Math.max(1, waitS)) });
  }
  return withHeaders(await registryHandler.fetch(request, { parsedBody: json.value }));
}

/** Refused before anybody looked who asks what, so it answers no id. */
function errorResponse(status: number, code: number, message: string, headers: Record<string, string> = {}): Response {
  const error = { jsonrpc: "2.0", id: null, error: { code, message } };
  return withHeaders(Response.json(error, { status, headers }));
}

function withHeaders(response: Response): Response {
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}
