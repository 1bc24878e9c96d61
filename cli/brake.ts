// `policylayer freeze` and `policylayer unfreeze`: the brake, from wherever somebody has a terminal and a key.
import { type Answer, lines, troubled } from "./answer.ts";
import type { Input } from "./commands.ts";
import type { Io } from "./io.ts";
import { harmless } from "./paint.ts";

/** The environment and the network, which a test brings itself. */
export type BrakeWorld = { env: Partial<Record<string, string>>; fetch: typeof fetch };

type Frozen = {
  gateways: { live: number; of: number; ms: number };
  each: { id: string; ms: number | null }[];
};

const patienceMs = 15_000;

export const freeze = (input: Input, _io: Io, world?: BrakeWorld) => brake(true, input, world);
export const unfreeze = (input: Input, _io: Io, world?: BrakeWorld) => brake(false, input, world);

async function brake(
  frozen: boolean,
  { values, flags }: Input,
  world: BrakeWorld = { env: process.env, fetch },
): Promise<Answer> {
  const scopes = [
    ...(flags.organisation ? [{ scope: "organisation" }] : []),
    ...(values.server === undefined ? [] : [{ scope: "server", id: values.server }]),
    ...(values.grant === undefined ? [] : [{ scope: "grant", id: values.grant }]),
  ];
  const [target] = scopes;
  if (!target || scopes.length > 1) return usage("say one of --organisation, --server ID and --grant ID");
  if (!frozen && values.reason === undefined) return usage("unfreezing needs a reason: --reason TEXT");
  const key = world.env.POLICYLAYER_API_KEY;
  if (!key) return usage("set POLICYLAYER_API_KEY to an API key of the dashboard (Settings)");
  const base = values.url ?? world.env.POLICYLAYER_URL ?? "http://127.0.0.1:3000";
  if (!URL.canParse("/api/v1/freeze", base)) return usage(`${harmless(base)} is no URL`);
  const body = { ...target, frozen, ...(values.reason === undefined ? {} : { reason: values.reason }) };
  const answer = await post(new URL("/api/v1/freeze", base), key, body, world);
  if (typeof answer === "string") return failed(answer);
  const { gateways, each } = answer;
  const done = `${target.scope}${target.id ? ` ${harmless(target.id)}` : ""} is ${frozen ? "frozen" : "no longer frozen"}`;
  const all = gateways.live === gateways.of;
  const where =
    gateways.of === 0
      ? "no gateway is running"
      : `in force on ${gateways.live} of ${gateways.of} gateways after ${gateways.ms} ms`;
  return {
    // A gateway that has not said so may still let calls through for the length of its lease.
    exitCode: all ? 0 : 1,
    json: { ok: all, frozen, ...target, gateways, each },
    out: lines([
      `${done}: ${where}`,
      ...each.map(({ id, ms }) => `  gateway ${id}  ${ms === null ? "has not acknowledged it yet" : `${ms} ms`}`),
    ]),
  };
}

/** The answer, or a sentence on why there is none. */
async function post(url: URL, key: string, body: object, world: BrakeWorld): Promise<Frozen | string> {
  try {
    const response = await world.fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
      redirect: "error",
    });
    const answer = (await response.json()) as Frozen & { title?: unknown; detail?: unknown; errors?: unknown };
    if (response.ok) return answer;
    const said = [answer.title, answer.detail].filter((part) => typeof part === "string").join(" ");
    return `${url.host} answered ${response.status}${said ? `: ${harmless(said)}` : ""}`;
  } catch (cause) {
    const why = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : "";
    return `${url.host} cannot be reached${why ? `: ${harmless(why)}` : ""}`;
  }
}

function usage(message: string): Answer {
  return troubled({ code: "usage", message });
}

function failed(message: string): Answer {
  return { exitCode: 1, json: { ok: false, error: { code: "refused", message } }, err: `policylayer: ${message}\n` };
}
