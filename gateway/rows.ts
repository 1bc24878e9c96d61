// The queries that the snapshot is made of.
import type pg from "pg";
import { type Mentioned, withVersions } from "./mentioned.ts";
import { breather } from "./slices.ts";
import type { GrantRow, OrganisationRow, PolicyRow, ServerRow } from "./snapshot.ts";

const organisations = 'SELECT "id", "frozenAt" FROM "Organisation"';
// Of definitions only those are read that a call may be held to.
// A tool that the server has stopped listing stays known: what it is called with is still decided by its category.
const servers = `
  SELECT "id", "organisationId", "transport", "url", "command", "args", "sealedHeaders", "sealedEnv", "era",
    "logArgumentValues", "onDefinitionChange", "methods", "wordsPinnedAt" IS NOT NULL AS "wordsPinned", "frozenAt",
    (SELECT json_agg(json_build_array("name", "category", "definitionHash",
      CASE WHEN strpos("definition", 'x-mcp-header') > 0 OR strpos("definition", 'additionalProperties') > 0
        OR strpos("definition", '\\u') > 0 THEN "definition" END, "overrideCategory", "overrideHash"))
      FROM "Tool" WHERE "serverId" = "Server"."id") AS "tools",
    (SELECT json_agg(json_build_array("kind", "name", "definitionHash"))
      FROM "Pin" WHERE "serverId" = "Server"."id") AS "pins",
    (SELECT json_agg(json_build_array("kind", "name", "definitionHash", "problem", "state"))
      FROM "DefinitionChange" WHERE "serverId" = "Server"."id") AS "changes"
  FROM "Server"`;
const policies = `
  SELECT "id", "serverId", "mode", "activeVersion", "shadowVersion" FROM "Policy"`;
const grants = `
  SELECT "id", "organisationId", "serverId", "policyId", "label", "tokenHash", "expiresAt", "revokedAt", "frozenAt"
  FROM "Grant"`;

export type Rows = {
  epoch: bigint;
  organisations: OrganisationRow[];
  servers: ServerRow[];
  policies: PolicyRow[];
  mentioned: Map<string, Mentioned>;
  grants: GrantRow[];
};

export async function readEpoch(client: pg.Client, timeoutMs: number): Promise<bigint> {
  const query = { text: 'SELECT "epoch" FROM "ConfigEpoch" WHERE "id" = 1', query_timeout: timeoutMs };
  const { rows } = await client.query<{ epoch: string }>(query);
  const epoch = rows[0]?.epoch;
  if (epoch === undefined) throw new Error("the row of ConfigEpoch is missing; the first migration makes it");
  return BigInt(epoch);
}

/**
 * Everything, as it was at one moment.
 *
 * @param before What versions were read before, by policy: they are not read again.
 * @param versions Takes the documents of the versions that are in force, one by one: together they may be large.
 */
export async function readRows(
  client: pg.Client,
  before: ReadonlyMap<string, Mentioned>,
  versions: VersionShelf,
): Promise<Rows> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    const rows = {
      epoch: await readEpoch(client, 30_000),
      organisations: (await client.query<OrganisationRow>(organisations)).rows,
      servers: (await client.query<ServerRow>(servers)).rows,
      policies: (await client.query<PolicyRow>(policies)).rows,
      grants: (await client.query<GrantRow>(`${grants} WHERE "revokedAt" IS NULL`)).rows,
    };
    const wanted = new Map(rows.policies.map((row) => [row.id, new Set(wantedVersions(row, versions))] as const));
    const mentioned = await readAllMentioned(client, before, ({ policyId, version, document }) => {
      if (wanted.get(policyId)?.delete(version)) versions.keep(policyId, version, document);
    });
    // Those were read for what they mention some time ago, and are in force only now.
    for (const [policyId, left] of wanted) {
      for (const version of left) versions.keep(policyId, version, await readDocument(client, policyId, version));
    }
    return { ...rows, mentioned };
  } finally {
    await client.query("COMMIT");
  }
}

/** The versions that are kept in memory. */
export type VersionShelf = {
  has(policyId: string, version: number): boolean;
  /** @param document Null: there is no such version. */
  keep(policyId: string, version: number, document: string | null): void;
};

/** The versions of a policy that are in force and not in memory yet. */
export function wantedVersions({ id, activeVersion, shadowVersion }: PolicyRow, versions: VersionShelf): number[] {
  const inForce = shadowVersion === null ? [activeVersion] : [activeVersion, shadowVersion];
  return inForce.filter((version) => !versions.has(id, version));
}

/** Null when there is no such version. */
export async function readDocument(client: pg.Client, policyId: string, version: number): Promise<string | null> {
  const text = 'SELECT "document" FROM "PolicyVersion" WHERE "policyId" = $1 AND "version" = $2';
  const { rows } = await client.query<{ document: string }>(text, [policyId, version]);
  return rows[0]?.document ?? null;
}

export async function readOrganisation(client: pg.Client, id: string): Promise<OrganisationRow | null> {
  return (await client.query<OrganisationRow>(`${organisations} WHERE "id" = $1`, [id])).rows[0] ?? null;
}

export async function readServer(client: pg.Client, id: string): Promise<ServerRow | null> {
  return (await client.query<ServerRow>(`${servers} WHERE "id" = $1`, [id])).rows[0] ?? null;
}

export async function readPolicy(client: pg.Client, id: string): Promise<PolicyRow | null> {
  return (await client.query<PolicyRow>(`${policies} WHERE "id" = $1`, [id])).rows[0] ?? null;
}

/** What all versions of a policy mention. */
export async function readMentioned(client: pg.Client, policyId: string, before: Mentioned | null): Promise<Mentioned> {
  const text = 'SELECT "version", "document" FROM "PolicyVersion" WHERE "policyId" = $1 AND "version" > $2';
  const { rows } = await client.query<VersionRow>(text, [policyId, before?.through ?? 0]);
  return withVersions(before, rows);
}

type VersionRow = { version: number; document: string };

/** Some at a time: together the versions of all policies may be large. */
const versionsAtOnce = 40;

async function readAllMentioned(
  client: pg.Client,
  before: ReadonlyMap<string, Mentioned>,
  onVersion: (row: VersionRow & { policyId: string }) => void,
): Promise<Map<string, Mentioned>> {
  const breathe = breather();
  const mentioned = new Map(before);
  const known = [[...before.keys()], [...before.values()].map(({ through }) => through)];
  let last: { policyId: string; version: number } = { policyId: "00000000-0000-0000-0000-000000000000", version: 0 };
  for (;;) {
    const { rows } = await client.query<VersionRow & { policyId: string }>(
      `SELECT "policyId", "version", "document" FROM "PolicyVersion"
       LEFT JOIN unnest($1::uuid[], $2::int[]) AS known("id", "through") ON known."id" = "policyId"
       WHERE "version" > coalesce(known."through", 0) AND ("policyId", "version") > ($3, $4)
       ORDER BY "policyId", "version" LIMIT ${versionsAtOnce}`,
      [...known, last.policyId, last.version],
    );
    for (const row of rows) {
      mentioned.set(row.policyId, withVersions(mentioned.get(row.policyId) ?? null, [row]));
      await breathe();
      onVersion(row);
      last = row;
      await breathe();
    }
    if (rows.length < versionsAtOnce) return mentioned;
  }
}

export async function readGrant(client: pg.Client, id: string): Promise<GrantRow | null> {
  return (await client.query<GrantRow>(`${grants} WHERE "id" = $1`, [id])).rows[0] ?? null;
}
