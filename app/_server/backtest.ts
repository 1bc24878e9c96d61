// A document replayed over the calls on record. The core is policy/backtest.ts; here the rows are read and the time is kept.
import { setImmediate as turn } from "node:timers/promises";
import type * as z from "zod";
import type { RiskCategory } from "../../catalog/schema.ts";
import { Backtest, type BacktestResult, changedMax, decidedCodes, longestWindowMs } from "../../policy/backtest.ts";
import type { Policy } from "../../policy/compile.ts";
import { rebuildArguments } from "../../policy/rebuild.ts";
import type { LoggedCall } from "../../policy/replay.ts";
import type { Scope } from "../../policy/schema.ts";
import { parseWithTools } from "../../policy/warn-tools.ts";
import { openCallArguments } from "../../prisma/call-arguments.ts";
import { database, Prisma } from "../../prisma/client.ts";
import type { BacktestAnswer, backtestBody } from "../api/v1/schemas.ts";
import { secretKeys } from "./environment.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";
import { changedTools, judge, judgedColumns, listedTools } from "./tools.ts";

type Asked = Omit<z.output<typeof backtestBody>, "document"> & { text: string };

/** The newest calls that are looked at, those that only fill the limits included. */
export const callsMax = 100_000;
const pageSize = 2_000;
/** How long other requests may have to wait for this one. */
const sliceMs = 15;
/** A document may be made to be slow. What is not done by then is left out (`truncated`). */
const workMaxMs = 20_000;

/**
 * Replays the calls of a time, in time order, as if the document had been in force in it and before. One at a time for each
 * organisation; it ends early when nobody waits for the answer any more.
 *
 * @returns `truncated` when the time has more calls than can be looked at: then the answer is about the newest `callsMax`, or,
 *   when the document is so slow that they take too long, about the oldest of these.
 */
export async function backtestServer(
  member: Member,
  serverId: string,
  asked: Asked,
  signal?: AbortSignal,
): Promise<BacktestAnswer | Refusal> {
  const { from, to } = asked;
  if (Date.parse(from) >= Date.parse(to)) {
    return refuse("invalid_body", { errors: [{ pointer: "/to", message: "must be later than `from`" }] });
  }
  const misfit = asked.policyId === undefined ? null : await refusePolicy(member, serverId, asked.policyId);
  if (misfit) return misfit;

  const { id } = member.organisation;
  if (running.has(id)) return refuse("backtest_running");
  running.add(id);
  try {
    const parsed = parseWithTools(asked.text, await listedTools(serverId));
    if (!parsed.ok) return refuse("policy_invalid", { members: { problems: parsed.problems } });
    return await run(member, serverId, asked, parsed.policy, signal);
  } finally {
    running.delete(id);
  }
}

const shared = globalThis as typeof globalThis & { policylayerBacktests?: Set<string> };
shared.policylayerBacktests ??= new Set();
/** The organisations that have one. */
const running = shared.policylayerBacktests;

async function refusePolicy(member: Member, serverId: string, id: string): Promise<Refusal | null> {
  const policy = await database().policy.findFirst({ where: { id, organisationId: member.organisation.id } });
  if (!policy) return refuse("not_found");
  return policy.serverId === serverId ? null : refuse("policy_of_another_server");
}

async function run(
  member: Member,
  serverId: string,
  { from, to, policyId }: Asked,
  policy: Policy,
  signal: AbortSignal | undefined,
): Promise<BacktestAnswer> {
  const [start, end] = [new Date(from), new Date(to)];
  const warmUp = new Date(Math.max(0, start.getTime() - longestWindowMs(policy)));
  const calls: Wanted = { organisationId: member.organisation.id, serverId, policyId, from: warmUp, to: end };
  const [toCall, since, sharedScopes] = await Promise.all([
    callReader(serverId),
    oldestOf(calls),
    scopesOfOthers(calls),
  ]);
  const test = new Backtest(policy, {
    from: start.getTime(),
    since: since?.at.getTime() ?? Number.NEGATIVE_INFINITY,
    sharedScopes,
  });

  let notDecided = 0;
  let isCutShort = false;
  let workedMs = 0;
  for await (const page of pagesOf(calls, since)) {
    for (let next = 0; next < page.length; ) {
      const startedAt = performance.now();
      for (; next < page.length && performance.now() - startedAt < sliceMs; next += 1) {
        const row = page[next];
        if (row === undefined) break;
        const call = toCall(row);
        if (call !== null) test.add(call);
        else if (row.at >= start) notDecided += 1;
      }
      workedMs += performance.now() - startedAt;
      await turn();
      isCutShort = workedMs > workMaxMs || signal?.aborted === true;
      if (isCutShort) break;
    }
    if (isCutShort) break;
  }
  const truncated = isCutShort || (since !== null && since.at >= start);
  return answerOf(test.end(), notDecided, truncated);
}

function answerOf({ changed, ...result }: BacktestResult, notDecided: number, truncated: boolean): BacktestAnswer {
  return {
    ...result,
    calls: result.calls + notDecided,
    notDecided,
    truncated,
    changed: changed.slice(0, changedMax).map(({ call, was, would }) => ({
      callId: call.id,
      at: new Date(call.at).toISOString(),
      tool: call.tool,
      grantLabel: call.grant.label,
      was,
      would,
    })),
  };
}

// The rows ------------------------------------------------------------------------------------------------------

type Wanted = { organisationId: string; serverId: string; policyId: string | undefined; from: Date; to: Date };
type Place = { at: Date; id: string };

function whereOf({ organisationId, serverId, policyId, from, to }: Wanted): Prisma.CallWhereInput {
  return { organisationId, serverId, policyId, at: { gte: from, lt: to } };
}

/** The place before the newest `callsMax` calls; null when there are no more than these. */
function oldestOf(calls: Wanted): Promise<Place | null> {
  return database().call.findFirst({
    where: whereOf(calls),
    orderBy: [{ at: "desc" }, { id: "desc" }],
    skip: callsMax,
    select: { at: true, id: true },
  });
}

const columns = {
  id: true,
  at: true,
  serverId: true,
  organisationId: true,
  grantId: true,
  sessionId: true,
  tool: true,
  code: true,
  rule: true,
  wouldDeny: true,
  outcome: true,
  upstreamMs: true,
  gatewayMs: true,
  argumentKeys: true,
  sealedArguments: true,
  clientName: true,
} satisfies Prisma.CallSelect;

type Row = Prisma.CallGetPayload<{ select: typeof columns }>;

async function* pagesOf(calls: Wanted, after: Place | null): AsyncGenerator<Row[]> {
  let place = after;
  for (;;) {
    const beyond: Prisma.CallWhereInput = place
      ? { OR: [{ at: { gt: place.at } }, { at: place.at, id: { gt: place.id } }] }
      : {};
    const page: Row[] = await database().call.findMany({
      // The bound on `at` alone is what the index can begin at.
      where: { AND: [whereOf(calls), beyond, place ? { at: { gte: place.at } } : {}] },
      orderBy: [{ at: "asc" }, { id: "asc" }],
      take: pageSize,
      select: columns,
    });
    yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    place = last;
  }
}

/** Rows as logged calls; null for those that no policy decided. */
async function callReader(serverId: string): Promise<(row: Row) => LoggedCall | null> {
  const [tools, grants, changed] = await Promise.all([
    database().tool.findMany({ where: { serverId }, select: judgedColumns }),
    database().grant.findMany({ where: { serverId }, select: { id: true, label: true } }),
    changedTools(serverId),
  ]);
  const categories = new Map<string, RiskCategory>(tools.map((tool) => [tool.name, judge(tool, changed).category]));
  const labels = new Map(grants.map(({ id, label }) => [id, label]));
  return (row) => {
    const { tool, grantId } = row;
    if (tool === null || grantId === null || !decidedCodes.has(row.code)) return null;
    return {
      id: row.id,
      at: row.at.getTime(),
      tool,
      category: categories.get(tool) ?? null,
      grant: { id: grantId, label: labels.get(grantId) ?? null },
      sessionId: row.sessionId,
      clientName: row.clientName,
      serverId: row.serverId,
      organisationId: row.organisationId,
      code: row.code,
      rule: row.rule,
      wouldDeny: row.wouldDeny,
      // What the gateway and the server took, from before the decision; its time has no fractions.
      notSentAfterMs: row.outcome === "not_sent" ? Math.ceil((row.gatewayMs ?? 0) + (row.upstreamMs ?? 0)) + 1 : null,
      argumentsFor: (needs) => rebuildArguments(needs.length === 0 ? null : recordedOf(row), row.argumentKeys, needs),
    };
  };
}

function recordedOf({ id, sealedArguments }: Row) {
  return sealedArguments === null ? null : openCallArguments(secretKeys(), sealedArguments, id);
}

/**
 * Scopes in which calls that are not replayed may have been counted: those of other policies, when they have or had a limit
 * of that scope. Whether it is the same counter is not looked at.
 */
async function scopesOfOthers({ organisationId, serverId, policyId }: Wanted): Promise<Set<Scope>> {
  const isOther =
    policyId === undefined ? Prisma.sql`p."serverId" <> ${serverId}::uuid` : Prisma.sql`p."id" <> ${policyId}::uuid`;
  const rows = await database().$queryRaw<{ organisation: boolean | null; server: boolean | null }[]>`
    SELECT bool_or(${mayHold("organisation")}) AS "organisation",
      bool_or(${mayHold("server")} AND p."serverId" = ${serverId}::uuid) AS "server"
    FROM "Policy" p JOIN "PolicyVersion" v ON v."policyId" = p."id"
    WHERE p."organisationId" = ${organisationId}::uuid AND ${isOther}`;
  const found = rows[0];
  return new Set<Scope>([
    ...(found?.organisation ? (["organisation"] as const) : []),
    ...(found?.server ? (["server"] as const) : []),
  ]);
}

/** Whether the text of a version may hold this word, also when it is spelled with escapes. */
function mayHold(word: string): Prisma.Sql {
  return Prisma.sql`(position(${`"${word}"`} IN v."document") > 0 OR position(${"\\u00"} IN v."document") > 0)`;
}
