// Asks a gateway to connect to a server and say what it found. Only gateways speak to servers: one guard against forbidden
// addresses, one place that starts programs.
import * as z from "zod";
import { internalToken } from "../../prisma/secrets.ts";
import { secretKeys } from "./environment.ts";
import { findGatewayAdminUrl } from "./gateways.ts";
import { type Refusal, type RefusalCode, refuse } from "./refusals.ts";
import { report } from "./report.ts";

export type InspectTarget =
  | { transport: "http"; url: string; headers?: Record<string, string> }
  | { transport: "stdio"; command: string; args: string[]; env?: Record<string, string> };

const foundSchema = z.object({
  ok: z.literal(true),
  era: z.enum(["legacy", "modern", "sse"]),
  protocolVersion: z.string().nullish(),
  serverInfo: z.unknown(),
  instructions: z.string().nullish(),
  tools: z.array(
    z.object({ name: z.string(), /** Raw JSON text. */ definition: z.string(), definitionHash: z.string() }),
  ),
  /** What is accepted besides the tools. */
  pins: z
    .array(
      z.object({
        kind: z.enum(["prompt", "instructions"]),
        name: z.string(),
        definition: z.string(),
        definitionHash: z.string(),
      }),
    )
    .default([]),
  /** Tools that are left out, and why. */
  findings: z.array(z.object({ code: z.string(), tool: z.string().nullable() })).default([]),
});
export type Inspection = z.infer<typeof foundSchema>;

const answerSchema = z.discriminatedUnion("ok", [
  foundSchema,
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);

/** What may be the matter when a server is connected to. */
export const connectRefusals = [
  "stdio_not_allowed",
  "upstream_unreachable",
  "upstream_timed_out",
  "upstream_unauthorized",
  "upstream_not_mcp",
  "upstream_address_refused",
  "upstream_failed",
  "command_not_found",
  "command_exited",
  "stdio_refused",
  "too_many_tools",
  "gateway_unavailable",
] as const satisfies readonly RefusalCode[];

/** Longer than the gateway's own patience with a server, so that it is the gateway who says what was the matter. */
const inspectTimeoutMs = 150_000;

/** @returns The server's trouble as a 422 of the same code with the gateway's sentence; `gateway_unavailable` when no gateway answers. */
export async function inspectServer(target: InspectTarget): Promise<Inspection | Refusal> {
  const adminUrl = await findGatewayAdminUrl();
  if (!adminUrl) return refuse("gateway_unavailable");
  let answer: unknown;
  try {
    const response = await fetch(new URL("/internal/inspect", adminUrl), {
      method: "POST",
      headers: { authorization: `Bearer ${internalToken(secretKeys())}`, "content-type": "application/json" },
      body: JSON.stringify(target),
      signal: AbortSignal.timeout(inspectTimeoutMs),
      redirect: "error",
    });
    if (!response.ok) throw new Error(`the gateway answered ${response.status} to an inspection`);
    answer = await response.json();
  } catch (cause) {
    report("asking a gateway to inspect a server", cause);
    return refuse("gateway_unavailable");
  }
  const parsed = answerSchema.parse(answer);
  if (parsed.ok) return parsed;
  const code = connectRefusals.find((known) => known === parsed.code) ?? "upstream_failed";
  return refuse(code, { detail: parsed.message });
}
