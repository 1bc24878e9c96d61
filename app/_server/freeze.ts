// The emergency brake: everything under an organisation, a server or a grant is refused until it is released.
import type * as z from "zod";
import { database, type Prisma } from "../../prisma/client.ts";
import { internalToken } from "../../prisma/secrets.ts";
import type { freezeAnswer, freezeBody, freezesAnswer, radiusAnswer, radiusQuery } from "../api/v1/schemas.ts";
import { audit } from "./audit.ts";
import { secretKeys } from "./environment.ts";
import { type Frozen, freezing } from "./frozen.ts";
import { changeAndEnforce, findGatewayAdminUrls } from "./gateways.ts";
import type { Member } from "./member.ts";
import { Refusal, refuse } from "./refusals.ts";
import { report } from "./report.ts";

type Scope = z.output<typeof freezeBody>["scope"];

/** @returns How many gateways enforce it already, and how long each took until it said so. */
export async function freeze(
  member: Member,
  { scope, id, frozen, reason }: z.output<typeof freezeBody>,
): Promise<z.input<typeof freezeAnswer> | Refusal> {
  const frozenId = idOf(member, scope, id);
  if (frozenId instanceof Refusal) return frozenId;
  const changed = await changeAndEnforce(async (tx) => {
    const row = await lock(tx, member, scope, frozenId);
    if (!row) return refuse("not_found");
    const data = freezing(member, row, frozen, reason);
    if (data instanceof Refusal) return data;
    if (data) {
      await write(tx, scope, frozenId, data);
      await audit(tx, member, {
        action: frozen ? "brake.frozen" : "brake.unfrozen",
        target: { kind: scope, id: frozenId, name: row.name },
        before: { frozenAt: row.frozenAt, reason: row.frozenReason },
        after: { frozenAt: data.frozenAt, reason },
      });
    }
    // Told again when nothing changes: whoever brakes wants to know that every gateway holds.
    return { result: undefined, announce: { kind: scope, id: frozenId } };
  });
  return changed instanceof Refusal ? changed : { gateways: changed.gateways, each: changed.each };
}

function idOf(member: Member, scope: Scope, id: string | undefined): string | Refusal {
  const given = scope === "organisation" ? (id ?? member.organisation.id) : id;
  if (given !== undefined) return given;
  return refuse("invalid_body", { errors: [{ pointer: "/id", message: `is needed to freeze a ${scope}` }] });
}

const columns = { frozenAt: true, frozenBy: true, frozenReason: true } as const;

/** The row, held until the transaction ends: two who brake and release at once come one after the other. */
async function lock(
  tx: Prisma.TransactionClient,
  member: Member,
  scope: Scope,
  id: string,
): Promise<(Frozen & { name: string }) | null> {
  const organisationId = member.organisation.id;
  switch (scope) {
    case "organisation": {
      if (id !== organisationId) return null;
      await tx.$queryRaw`SELECT 1 FROM "Organisation" WHERE "id" = ${id}::uuid FOR NO KEY UPDATE`;
      return tx.organisation.findUniqueOrThrow({ where: { id }, select: { name: true, ...columns } });
    }
    case "server":
      await tx.$queryRaw`SELECT 1 FROM "Server" WHERE "id" = ${id}::uuid FOR NO KEY UPDATE`;
      return tx.server.findFirst({ where: { id, organisationId }, select: { name: true, ...columns } });
    case "grant": {
      await tx.$queryRaw`SELECT 1 FROM "Grant" WHERE "id" = ${id}::uuid FOR NO KEY UPDATE`;
      const row = await tx.grant.findFirst({ where: { id, organisationId }, select: { label: true, ...columns } });
      return row && { ...row, name: row.label };
    }
  }
}

async function write(tx: Prisma.TransactionClient, scope: Scope, id: string, data: Frozen): Promise<void> {
  if (scope === "organisation") await tx.organisation.update({ where: { id }, data });
  else if (scope === "server") await tx.server.update({ where: { id }, data });
  else await tx.grant.update({ where: { id }, data });
}

/** What is frozen now, since when, by whom and why; the longest first within each kind. */
export async function listFreezes(member: Member): Promise<z.input<typeof freezesAnswer>> {
  const organisationId = member.organisation.id;
  const frozen = { frozenAt: { not: null } };
  const orderBy = { frozenAt: "asc" } as const;
  const select = { id: true, ...columns } as const;
  const [organisations, servers, grants] = await Promise.all([
    database().organisation.findMany({ where: { id: organisationId, ...frozen }, select: { ...select, name: true } }),
    database().server.findMany({ where: { organisationId, ...frozen }, orderBy, select: { ...select, name: true } }),
    database().grant.findMany({
      where: { organisationId, revokedAt: null, ...frozen },
      orderBy,
      select: { ...select, label: true },
    }),
  ]);
  const view = (scope: Scope, name: string, row: Frozen & { id: string }) => ({
    scope,
    id: row.id,
    name,
    at: (row.frozenAt ?? new Date()).toISOString(),
    by: row.frozenBy,
    reason: row.frozenReason,
  });
  return {
    items: [
      ...organisations.map((row) => view("organisation", row.name, row)),
      ...servers.map((row) => view("server", row.name, row)),
      ...grants.map((row) => view("grant", row.label, row)),
    ],
  };
}

/** What a freeze would take hold of, before anybody pulls it. */
export async function radius(
  member: Member,
  { scope, id }: z.output<typeof radiusQuery>,
): Promise<z.input<typeof radiusAnswer> | Refusal> {
  const givenId = idOf(member, scope, id);
  if (givenId instanceof Refusal)
    return refuse("invalid_query", { errors: [{ pointer: "/id", message: "is needed" }] });
  const organisationId = member.organisation.id;
  const db = database();
  if (scope === "organisation" && givenId !== organisationId) return refuse("not_found");
  const narrowed =
    scope === "organisation" ? {} : scope === "server" ? { serverId: givenId } : ({ grantId: givenId } as const);
  const now = new Date();
  const grantWhere = scope === "grant" ? { id: givenId } : narrowed;
  const serverWhere = scope === "server" ? { id: givenId } : scope === "grant" ? { grants: { some: grantWhere } } : {};
  const [servers, grants, pendingApprovals, callsLastHour, asked] = await Promise.all([
    db.server.count({ where: { organisationId, ...serverWhere } }),
    db.grant.count({
      where: {
        organisationId,
        ...grantWhere,
        revokedAt: null,
        OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
      },
    }),
    db.approval.count({ where: { organisationId, ...narrowed, status: "pending", expiresAt: { gt: now } } }),
    db.call.count({ where: { organisationId, ...narrowed, id: { gte: firstIdAt(now.getTime() - 3_600_000) } } }),
    askGateways({ organisationId, ...narrowed }),
  ]);
  if (servers === 0 && scope !== "organisation") return refuse("not_found");
  return { servers, grants, pendingApprovals, callsLastHour, ...asked };
}

/** The lowest id (UUID version 7) of a time: ids of calls sort by time. */
function firstIdAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

const patienceMs = 1_500;

/** Each gateway knows its own. One that does not answer in time is counted, so that nobody takes its silence for none. */
async function askGateways(
  scope: object,
): Promise<{ openStreams: number; heldCalls: number; gateways: { answered: number; of: number } }> {
  const urls = await findGatewayAdminUrls();
  const answers = await Promise.all(
    urls.map(async (url) => {
      try {
        const response = await fetch(new URL("/internal/brake", url), {
          method: "POST",
          headers: { authorization: `Bearer ${internalToken(secretKeys())}`, "content-type": "application/json" },
          body: JSON.stringify(scope),
          signal: AbortSignal.timeout(patienceMs),
          redirect: "error",
        });
        const counts = (await response.json()) as { openStreams?: unknown; heldCalls?: unknown };
        const { openStreams, heldCalls } = counts;
        if (typeof openStreams !== "number" || typeof heldCalls !== "number") return null;
        return { openStreams, heldCalls };
      } catch (cause) {
        report("asking a gateway what a freeze would take hold of", cause);
        return null;
      }
    }),
  );
  const known = answers.filter((answer) => answer !== null);
  return {
    openStreams: known.reduce((sum, { openStreams }) => sum + openStreams, 0),
    heldCalls: known.reduce((sum, { heldCalls }) => sum + heldCalls, 0),
    gateways: { answered: known.length, of: urls.length },
  };
}
