// Every tool that an organisation's servers expose, the riskiest first, and who can reach it.
import { setImmediate as turn } from "node:timers/promises";
import * as z from "zod";
import { serverPath, toolPath } from "../../catalog/address.ts";
import { sourcesOfRegistered } from "../../catalog/registered.ts";
import { type Severity, severities } from "../../catalog/schema.ts";
import { type Reach, reaches } from "../../policy/reach.ts";
import { database, type Prisma } from "../../prisma/client.ts";
import type { StackAnswer, StackTool, stackQuery } from "../api/v1/schemas.ts";
import { readCursor, writeCursor } from "./catalog/cursor.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";
import { type GrantGroup, grantGroups } from "./stack-reach.ts";
import { changesOfTools, judge, judgedColumns, toolView } from "./tools.ts";

type Asked = z.output<typeof stackQuery>;

/** More tools than anybody's agents see; beyond it the answer says that it is not the whole. */
const toolsMax = 20_000;
const grantsShownMax = 20;
/** How long other requests may have to wait for this one. */
const sliceMs = 15;

const toolColumns = { ...judgedColumns, id: true, serverId: true } satisfies Prisma.ToolSelect;
type ToolRow = Prisma.ToolGetPayload<{ select: typeof toolColumns }>;
type ServerRow = Prisma.ServerGetPayload<{ select: typeof serverColumns }>;

const serverColumns = { id: true, name: true, url: true, command: true, args: true, changes: changesOfTools };

/** A tool with what is known of it before its page is made. */
type Found = {
  id: string;
  name: string;
  server: ServerRow;
  severity: Severity;
  reach: Reach;
  unprotected: boolean;
  counts: Record<Reach, number>;
  place: Place;
};

export async function readStack(member: Member, asked: Asked): Promise<StackAnswer | Refusal> {
  const organisationId = member.organisation.id;
  const db = database();
  const [servers, groups, tools] = await Promise.all([
    db.server.findMany({ where: { organisationId }, select: serverColumns }),
    grantGroups(organisationId, new Date()),
    db.tool.findMany({
      where: { server: { organisationId }, state: { not: "gone" } },
      orderBy: [{ serverId: "asc" }, { position: "asc" }, { name: "asc" }],
      select: toolColumns,
      take: toolsMax + 1,
    }),
  ]);
  if (asked.serverId !== undefined && !servers.some(({ id }) => id === asked.serverId)) return refuse("not_found");

  const found = await judgeAll(tools.slice(0, toolsMax), servers, groups);
  const matching = found.filter(filterOf(asked)).sort((one, other) => compare(one.place, other.place));
  const page = pageAfter(matching, asked);
  const items = await viewsOf(page.shown, groups);
  return {
    items,
    nextCursor: page.nextCursor,
    totals: {
      servers: servers.length,
      tools: found.length,
      matching: matching.length,
      unprotected: found.filter(({ unprotected }) => unprotected).length,
      bySeverity: countBy(
        severities,
        found.map(({ severity }) => severity),
      ),
    },
    truncated: tools.length > toolsMax,
  };
}

async function judgeAll(
  tools: readonly ToolRow[],
  servers: readonly ServerRow[],
  groups: ReadonlyMap<string, GrantGroup[]>,
): Promise<Found[]> {
  const byId = new Map(servers.map((server) => [server.id, server]));
  const changed = new Map(servers.map(({ id, changes }) => [id, new Set(changes.map(({ name }) => name))]));
  const found: Found[] = [];
  let sliceEnds = performance.now() + sliceMs;
  for (const tool of tools) {
    const server = byId.get(tool.serverId);
    if (server === undefined) continue; // registered in between
    const { category, severity } = judge(tool, changed.get(tool.serverId) ?? new Set());
    const reached = (groups.get(tool.serverId) ?? []).map((group) => ({
      reach: group.reachOf({ name: tool.name, category }),
      grants: group.grants.length,
    }));
    const counts = countBy(reaches, []);
    for (const { reach, grants } of reached) counts[reach] += grants;
    const reach = reaches.find((each) => counts[each] > 0) ?? "never";
    const unprotected = reach === "freely" && (severity === "high" || severity === "critical");
    const { id, name } = tool;
    found.push({
      id,
      name,
      server,
      severity,
      reach,
      unprotected,
      counts,
      place: placeOf(tool, server, severity, reach),
    });
    if (performance.now() < sliceEnds) continue;
    await turn();
    sliceEnds = performance.now() + sliceMs;
  }
  return found;
}

function filterOf({ severity, serverId, reach, unprotected, q }: Asked): (tool: Found) => boolean {
  const words = (q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return (tool) => {
    if (severity !== undefined && tool.severity !== severity) return false;
    if (serverId !== undefined && tool.server.id !== serverId) return false;
    if (reach !== undefined && tool.reach !== reach) return false;
    if (unprotected !== undefined && !tool.unprotected) return false;
    const text = `${tool.name} ${tool.server.name}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

// The order, and places in it ------------------------------------------------------------------------------------

const placeSchema = z.tuple([z.int(), z.int(), z.string(), z.string(), z.uuid()]);
type Place = z.infer<typeof placeSchema>;

/** Worst first; among equals what is reached furthest; then by name. The id makes it one order. */
function placeOf({ name, id }: ToolRow, server: ServerRow, severity: Severity, reach: Reach): Place {
  return [-severities.indexOf(severity), reaches.indexOf(reach), server.name, name, id];
}

function compare(one: Place, other: Place): number {
  for (const [at, value] of one.entries()) {
    const against = other[at] as typeof value;
    if (value !== against) return value < against ? -1 : 1;
  }
  return 0;
}

function pageAfter(sorted: readonly Found[], { cursor, limit }: Asked): { shown: Found[]; nextCursor: string | null } {
  const place = cursor === undefined ? null : readCursor(cursor, placeSchema);
  if (cursor !== undefined && place === null) return { shown: [], nextCursor: null };
  const start = place === null ? 0 : sorted.findIndex((tool) => compare(tool.place, place) > 0);
  const rest = start < 0 ? [] : sorted.slice(start);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  return { shown, nextCursor: last !== undefined && rest.length > limit ? writeCursor(last.place) : null };
}

// What is shown of a page ----------------------------------------------------------------------------------------

async function viewsOf(shown: readonly Found[], groups: ReadonlyMap<string, GrantGroup[]>): Promise<StackTool[]> {
  const [rows, paths] = await Promise.all([
    database().tool.findMany({ where: { id: { in: shown.map(({ id }) => id) } } }),
    catalogPaths(shown),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return shown.flatMap(({ id, server, reach, unprotected, counts }) => {
    const row = byId.get(id);
    if (row === undefined) return []; // deleted in between
    const { inputSchema: _, ...view } = toolView(row, new Set(server.changes.map(({ name }) => name)));
    return [
      {
        ...view,
        server: { id: server.id, name: server.name },
        reach,
        unprotected,
        grantCounts: counts,
        grants: grantsOf({ name: view.name, category: view.category }, groups.get(server.id) ?? []),
        catalogPath: paths.get(id) ?? null,
      },
    ];
  });
}

function grantsOf(tool: Pick<StackTool, "name" | "category">, groups: readonly GrantGroup[]): StackTool["grants"] {
  const reached = groups.map((group) => ({ group, reach: group.reachOf(tool) }));
  return reached
    .sort((one, other) => reaches.indexOf(one.reach) - reaches.indexOf(other.reach))
    .flatMap(({ group, reach }) => group.grants.slice(0, grantsShownMax).map((grant) => ({ ...grant, reach })))
    .slice(0, grantsShownMax);
}

/** By tool: its page in the catalog, or the page of its server. */
async function catalogPaths(shown: readonly Found[]): Promise<Map<string, string>> {
  const sources = new Map(shown.map(({ server }) => [server.id, sourcesOfRegistered(server)]));
  const known = await database().catalogServer.findMany({
    where: { source: { in: [...new Set([...sources.values()].flat())] } },
    select: { id: true, slug: true, source: true },
  });
  const bySource = new Map(known.map((server) => [server.source, server]));
  const listed = await database().catalogTool.findMany({
    where: { serverId: { in: known.map(({ id }) => id) }, name: { in: shown.map(({ name }) => name) } },
    select: { serverId: true, name: true },
  });
  const hasPage = new Set(listed.map(({ serverId, name }) => `${serverId} ${name}`));
  return new Map(
    shown.flatMap(({ id, name, server }) => {
      const inCatalog = sources.get(server.id)?.flatMap((source) => bySource.get(source) ?? [])[0];
      if (inCatalog === undefined) return [];
      const { slug } = inCatalog;
      return [[id, hasPage.has(`${inCatalog.id} ${name}`) ? toolPath(slug, name) : serverPath(slug)] as const];
    }),
  );
}

function countBy<Value extends string>(values: readonly Value[], of: readonly Value[]): Record<Value, number> {
  const counts = Object.fromEntries(values.map((value) => [value, 0])) as Record<Value, number>;
  for (const value of of) counts[value] += 1;
  return counts;
}
