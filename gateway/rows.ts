// The queries that the snapshot is made of.
import type pg from "pg";
import type { GrantRow, OrganisationRow, PolicyRow, ServerRow } from "./snapshot.ts";

const organisations = 'SELECT "id", "frozenAt" FROM "Organisation"';
// A tool that the server has stopped listing stays known: what it is called with is still decided by its category.
const servers = `
  SELECT "id", "organisationId", "transport", "url", "command", "args", "sealedHeaders", "sealedEnv", "era", "frozenAt",
    (SELECT json_agg(json_build_array("name", "category")) FROM "Tool" WHERE "serverId" = "Server"."id") AS "tools"
  FROM "Server"`;
const policies = `
  SELECT "Policy"."id", "mode", "activeVersion", "document"
  FROM "Policy" LEFT JOIN "PolicyVersion" ON "policyId" = "Policy"."id" AND "version" = "activeVersion"`;
const grants = `
  SELECT "id", "organisationId", "serverId", "policyId", "label", "tokenHash", "expiresAt", "revokedAt", "frozenAt"
  FROM "Grant"`;

export type Rows = {
  epoch: bigint;
  organisations: OrganisationRow[];
  servers: ServerRow[];
  policies: PolicyRow[];
  grants: GrantRow[];
};

export async function readEpoch(client: pg.Client, timeoutMs: number): Promise<bigint> {
  const query = { text: 'SELECT "epoch" FROM "ConfigEpoch" WHERE "id" = 1', query_timeout: timeoutMs };
  const { rows } = await client.query<{ epoch: string }>(query);
  const epoch = rows[0]?.epoch;
  if (epoch === undefined) throw new Error("the row of ConfigEpoch is missing; the first migration makes it");
  return BigInt(epoch);
}

/** Everything, as it was at one moment. */
export async function readRows(client: pg.Client): Promise<Rows> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    return {
      epoch: await readEpoch(client, 30_000),
      organisations: (await client.query<OrganisationRow>(organisations)).rows,
      servers: (await client.query<ServerRow>(servers)).rows,
      policies: (await client.query<PolicyRow>(policies)).rows,
      grants: (await client.query<GrantRow>(`${grants} WHERE "revokedAt" IS NULL`)).rows,
    };
  } finally {
    await client.query("COMMIT");
  }
}

export async function readOrganisation(client: pg.Client, id: string): Promise<OrganisationRow | null> {
  return (await client.query<OrganisationRow>(`${organisations} WHERE "id" = $1`, [id])).rows[0] ?? null;
}

export async function readServer(client: pg.Client, id: string): Promise<ServerRow | null> {
  return (await client.query<ServerRow>(`${servers} WHERE "id" = $1`, [id])).rows[0] ?? null;
}

export async function readPolicy(client: pg.Client, id: string): Promise<PolicyRow | null> {
  return (await client.query<PolicyRow>(`${policies} WHERE "Policy"."id" = $1`, [id])).rows[0] ?? null;
}

export async function readGrant(client: pg.Client, id: string): Promise<GrantRow | null> {
  return (await client.query<GrantRow>(`${grants} WHERE "id" = $1`, [id])).rows[0] ?? null;
}
