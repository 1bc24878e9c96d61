// Figures about the calls of a time, from what is rolled up as calls come: they cost the same however many calls there were.
import type * as z from "zod";
import { database, Prisma } from "../../prisma/client.ts";
import type { CallStats, statsQuery } from "../api/v1/call-schemas.ts";
import { boundsOf, type Counts, percentiles } from "./call-buckets.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";

const hourMs = 60 * 60 * 1_000;
const dayMs = 24 * hourMs;
const usualMs = dayMs;
/** Longer times come in days. Tops of hours are kept for a little longer than this (prisma/call-partitions.ts). */
const hoursMaxMs = 3 * dayMs;
const tops = 10;
const rangeMaxMs = 732 * dayMs;
const nil = "00000000-0000-0000-0000-000000000000";

type Counted = { calls: number; refused: number; asked: number; errors: number };
type Range = { from: Date; to: Date; step: "hour" | "day" };

/** How calls are told apart in a figure; a trial went through, whatever its code says. */
const counted = Prisma.sql`
  sum("calls")::int AS "calls",
  coalesce(sum("calls" - "trials") FILTER (WHERE "code" <> 'allowed' AND "code" <> 'approval_required'), 0)::int AS "refused",
  coalesce(sum("calls" - "trials") FILTER (WHERE "code" = 'approval_required'), 0)::int AS "asked",
  sum("toolErrors" + "upstreamErrors" + "notSent" + "unknown")::int AS "errors"`;

export async function readStats(member: Member, asked: z.output<typeof statsQuery>): Promise<CallStats | Refusal> {
  const range = rangeOf(asked, Date.now());
  if (range === null) {
    const errors = [{ pointer: "/to", message: "must be later than `from`, by two years at most" }];
    return refuse("invalid_query", { errors });
  }
  const where = conditions(member, asked, range);
  const [{ byTime, codes, servers }, rules, tools, latency] = await Promise.all([
    readCounts(where),
    readRules(member, asked, range),
    readTools(member, asked, range),
    readLatency(member, asked, range),
  ]);
  const names = await readNames(
    member,
    [...servers, ...tools].map(({ serverId }) => serverId),
  );
  const policies = await readPolicyNames(
    member,
    rules.map(({ policyId }) => policyId),
  );
  return {
    from: range.from.toISOString(),
    to: range.to.toISOString(),
    step: range.step,
    totals: servers.reduce(added, { calls: 0, refused: 0, asked: 0, errors: 0, trials: 0 }),
    over: overTime(byTime, range),
    codes,
    rules: rules.map(({ policyId, ...rule }) => ({
      ...rule,
      policyId: policyId === nil ? null : policyId,
      policyName: policies.get(policyId) ?? null,
    })),
    tools: tools.map((tool) => ({ ...tool, serverName: names.get(tool.serverId) ?? null })),
    servers: servers.map(({ trials: _, ...server }) => ({
      ...server,
      name: names.get(server.serverId) ?? null,
      gateway: percentiles(countsOf(latency, "gateway", server.serverId)),
    })),
    latency: {
      gateway: percentiles(countsOf(latency, "gateway")),
      upstream: percentiles(countsOf(latency, "upstream")),
      buckets: bucketsOf(latency),
    },
  };
}

function added<T extends Record<string, number>>(sum: T, row: Record<keyof T, number>): T {
  return Object.fromEntries(Object.entries(sum).map(([name, value]) => [name, value + (row[name] ?? 0)])) as T;
}

function rangeOf({ from, to }: { from?: string | undefined; to?: string | undefined }, now: number): Range | null {
  const end = to === undefined ? now : Date.parse(to);
  const start = from === undefined ? end - usualMs : Date.parse(from);
  if (start >= end || end - start > rangeMaxMs) return null;
  // Of long ago there are days only.
  const step = end - start <= hoursMaxMs && start >= now - 8 * dayMs ? "hour" : "day";
  const stepMs = step === "hour" ? hourMs : dayMs;
  return { from: new Date(Math.floor(start / stepMs) * stepMs), to: new Date(end), step };
}

function conditions(
  member: Member,
  { serverId, grantId }: { serverId?: string | undefined; grantId?: string | undefined },
  { from, to, step }: Range,
): Prisma.Sql {
  // Written out, so that an index of days alone can be used whatever else is asked.
  const hours = step === "hour" ? Prisma.sql`1` : Prisma.sql`24`;
  return Prisma.sql`"organisationId" = ${member.organisation.id}::uuid AND "hours" = ${hours}
    AND "at" >= ${from}::timestamptz AND "at" < ${to}::timestamptz
    ${serverId === undefined ? Prisma.empty : Prisma.sql`AND "serverId" = ${serverId}::uuid`}
    ${grantId === undefined ? Prisma.empty : Prisma.sql`AND "grantId" = ${grantId}::uuid`}`;
}

type CodeRow = { code: string; calls: number };
type ServerRow = Counted & { serverId: string; trials: number };
type CountRow = Counted & { at: Date | null; code: string | null; serverId: string | null; trials: number };

/** The same rows summed in three ways, read once. */
async function readCounts(
  where: Prisma.Sql,
): Promise<{ byTime: Map<number, Counted>; codes: CodeRow[]; servers: ServerRow[] }> {
  const rows = await database().$queryRaw<CountRow[]>`
    SELECT "at", "code", "serverId", ${counted}, sum("trials")::int AS "trials" FROM "CallCount" WHERE ${where}
    GROUP BY GROUPING SETS (("at"), ("code"), ("serverId")) ORDER BY "calls" DESC, "code", "serverId"`;
  const byTime = new Map<number, Counted>();
  const codes: CodeRow[] = [];
  const servers: ServerRow[] = [];
  for (const { at, code, serverId, trials, ...row } of rows) {
    if (at !== null) byTime.set(at.getTime(), row);
    else if (code !== null) codes.push({ code, calls: row.calls });
    else if (serverId !== null) servers.push({ serverId, ...row, trials });
  }
  return { byTime, codes, servers };
}

function overTime(byTime: ReadonlyMap<number, Counted>, { from, to, step }: Range): CallStats["over"] {
  const stepMs = step === "hour" ? hourMs : dayMs;
  const times = Array.from(
    { length: Math.ceil((to.getTime() - from.getTime()) / stepMs) },
    (_, n) => from.getTime() + n * stepMs,
  );
  const none = { calls: 0, refused: 0, asked: 0, errors: 0 };
  return times.map((at) => ({ at: new Date(at).toISOString(), ...(byTime.get(at) ?? none) }));
}

type RuleRow = { policyId: string; rule: string; code: string; calls: number };

/** Of all grants together there are rows of their own, under nil. */
function readRules(member: Member, asked: z.output<typeof statsQuery>, range: Range): Promise<RuleRow[]> {
  return database().$queryRaw<RuleRow[]>`
    SELECT "policyId", "rule", "code", sum("calls")::int AS "calls" FROM "CallRule"
    WHERE ${conditions(member, { ...asked, grantId: asked.grantId ?? nil }, range)}
    GROUP BY 1, 2, 3 ORDER BY 4 DESC, 2, 1 LIMIT ${tops}`;
}

type ToolRow = Counted & { serverId: string; tool: string };

function readTools(member: Member, asked: z.output<typeof statsQuery>, range: Range): Promise<ToolRow[]> {
  return database().$queryRaw<ToolRow[]>`
    SELECT "serverId", "tool", sum("calls")::int AS "calls", sum("refused")::int AS "refused", sum("asked")::int AS "asked",
      sum("errors")::int AS "errors"
    FROM "CallTool" WHERE ${conditions(member, asked, range)} AND "tool" <> ''
    GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT ${tops}`;
}

type LatencyRow = { serverId: string; bucket: number; gateway: number; upstream: number };

function readLatency(member: Member, { serverId }: z.output<typeof statsQuery>, range: Range): Promise<LatencyRow[]> {
  return database().$queryRaw<LatencyRow[]>`
    SELECT "serverId", "bucket", sum("gateway")::int AS "gateway", sum("upstream")::int AS "upstream" FROM "CallLatency"
    WHERE ${conditions(member, { serverId }, range)} GROUP BY 1, 2 ORDER BY 2`;
}

function countsOf(rows: readonly LatencyRow[], of: "gateway" | "upstream", serverId?: string): Counts {
  const counts = new Map<number, number>();
  for (const row of rows) {
    if (serverId !== undefined && row.serverId !== serverId) continue;
    counts.set(row.bucket, (counts.get(row.bucket) ?? 0) + row[of]);
  }
  return counts;
}

function bucketsOf(rows: readonly LatencyRow[]): CallStats["latency"]["buckets"] {
  const [gateway, upstream] = [countsOf(rows, "gateway"), countsOf(rows, "upstream")];
  return [...gateway.keys()]
    .sort((a, b) => a - b)
    .map((bucket) => ({
      ...boundsOf(bucket),
      gateway: gateway.get(bucket) ?? 0,
      upstream: upstream.get(bucket) ?? 0,
    }))
    .filter((bucket) => bucket.gateway > 0 || bucket.upstream > 0);
}

async function readNames(member: Member, ids: readonly string[]): Promise<Map<string, string>> {
  const where = { id: { in: [...new Set(ids)] }, organisationId: member.organisation.id };
  const rows = await database().server.findMany({ where, select: { id: true, name: true } });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function readPolicyNames(member: Member, ids: readonly string[]): Promise<Map<string, string>> {
  const where = { id: { in: [...new Set(ids)] }, organisationId: member.organisation.id };
  const rows = await database().policy.findMany({ where, select: { id: true, name: true } });
  return new Map(rows.map(({ id, name }) => [id, name]));
}
