// Rows that the web process would write, written directly: an organisation with its servers, policies and grants, for tests of
// a gateway alone.
import { randomUUID } from "node:crypto";
import pg from "pg";
import { mintCredential } from "../../prisma/credentials.ts";
import { readSecretKeys, seal } from "../../prisma/secrets.ts";
import { testSecretKey } from "./processes.ts";

export type GrantRow = { id: string; token: string; path: string };

export type TestHouse = {
  organisationId: string;
  client: pg.Client;
  addServer(server: ServerRow): Promise<string>;
  addPolicy(serverId: string, document: unknown, mode?: "enforce" | "shadow"): Promise<string>;
  publish(policyId: string, document: unknown): Promise<bigint>;
  /** @returns the token, and the path of its URL on a gateway. */
  addGrant(serverId: string, policyId: string | null, columns?: Record<string, unknown>): Promise<GrantRow>;
  /** Sets columns of a row and tells the gateways. */
  change(kind: Kind, id: string, columns: Record<string, unknown>): Promise<bigint>;
  /** Tells the gateways of a change. @returns the new epoch. */
  announce(kind: Kind, id: string): Promise<bigint>;
  close(): Promise<void>;
};

type Kind = "organisation" | "server" | "policy" | "grant";

export type ServerRow = {
  url?: string;
  headers?: Record<string, string>;
  command?: string;
  args?: string[];
  /** Of the command. */
  env?: Record<string, string>;
  /** Name to risk category. */
  tools: Record<string, string>;
  /**
   * What was accepted of it. Without it nobody looked at what the server serves, and so that the test need not, whatever it
   * serves goes on.
   */
  accepted?: Accepted;
};

export type Accepted = {
  tools: Definition[];
  /** Its prompts and instructions; left out, those are not looked at. */
  pins?: (Definition & { kind: string })[];
};
type Definition = { name: string; definition: string; definitionHash: string };

const tables = { organisation: "Organisation", server: "Server", policy: "Policy", grant: "Grant" } as const;

export async function openHouse(databaseUrl: string): Promise<TestHouse> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const organisationId = randomUUID();
  await client.query('INSERT INTO "Organisation" ("id", "name") VALUES ($1, $2)', [organisationId, "test"]);
  const keys = readSecretKeys(testSecretKey);

  async function insert(table: string, columns: Record<string, unknown>): Promise<void> {
    const names = Object.keys(columns);
    await client.query(
      `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join()}) VALUES (${names.map((_, i) => `$${i + 1}`).join()})`,
      Object.values(columns),
    );
  }

  async function announce(kind: Kind, id: string): Promise<bigint> {
    const { rows } = await client.query<{ epoch: string }>(
      `WITH raised AS (UPDATE "ConfigEpoch" SET "epoch" = "epoch" + 1 WHERE "id" = 1 RETURNING "epoch")
       SELECT "epoch", pg_notify('policylayer_config',
         json_build_object('epoch', "epoch"::text, 'kind', $1::text, 'id', $2::text)::text) FROM raised`,
      [kind, id],
    );
    return BigInt(rows[0]?.epoch ?? 0);
  }

  async function change(kind: Kind, id: string, columns: Record<string, unknown>): Promise<bigint> {
    const names = Object.keys(columns).map((name, i) => `"${name}" = $${i + 2}`);
    await client.query(`UPDATE "${tables[kind]}" SET ${names.join()} WHERE "id" = $1`, [id, ...Object.values(columns)]);
    return announce(kind, id);
  }

  async function addVersion(policyId: string, version: number, document: unknown): Promise<void> {
    const text = typeof document === "string" ? document : JSON.stringify(document);
    await insert("PolicyVersion", { policyId, version, document: text });
  }

  await announce("organisation", organisationId);
  return {
    organisationId,
    client,
    announce,
    change,
    async addServer({ url, headers, command, args, env, tools, accepted }) {
      const id = randomUUID();
      await insert("Server", {
        id,
        organisationId,
        name: "server",
        transport: url ? "http" : "stdio",
        url: url ?? null,
        command: command ?? null,
        args: args ?? [],
        sealedHeaders: headers ? seal(keys, "upstream-headers", JSON.stringify(headers), id) : null,
        sealedEnv: env ? seal(keys, "upstream-env", JSON.stringify(env), id) : null,
        onDefinitionChange: accepted ? "hold" : "serve",
        wordsPinnedAt: accepted?.pins ? new Date() : null,
      });
      for (const [position, [name, category]] of Object.entries(tools).entries()) {
        const found = accepted?.tools.find((tool) => tool.name === name);
        const { definition, definitionHash } = found ?? { definition: "{}", definitionHash: "" };
        const hashed = { definition, definitionHash };
        const fixed = { severity: "low", confidence: 1, signals: "[]" };
        await insert("Tool", { id: randomUUID(), serverId: id, name, position, category, ...hashed, ...fixed });
      }
      for (const pin of accepted?.pins ?? []) await insert("Pin", { serverId: id, ...pin });
      await announce("server", id);
      return id;
    },
    async addPolicy(serverId, document, mode = "enforce") {
      const id = randomUUID();
      await client.query("BEGIN");
      await insert("Policy", { id, organisationId, serverId, name: "policy", mode, draft: "{}", activeVersion: 1 });
      await addVersion(id, 1, document);
      await announce("policy", id);
      await client.query("COMMIT");
      return id;
    },
    async publish(policyId, document) {
      await client.query("BEGIN");
      const { rows } = await client.query<{ next: number }>(
        'SELECT max("version") + 1 AS "next" FROM "PolicyVersion" WHERE "policyId" = $1',
        [policyId],
      );
      const next = rows[0]?.next ?? 1;
      await addVersion(policyId, next, document);
      const epoch = await change("policy", policyId, { activeVersion: next });
      await client.query("COMMIT");
      return epoch;
    },
    async addGrant(serverId, policyId, columns = {}) {
      const id = randomUUID();
      const { token, hash, hint } = mintCredential("plg_");
      const row = { id, organisationId, serverId, policyId, label: "ci", tokenHash: hash, hint, ...columns };
      await insert("Grant", row);
      await announce("grant", id);
      return { id, token, path: `/mcp/${serverId}` };
    },
    close: () => client.end(),
  };
}
