// The shipped facts of the catalog into the database, at the start.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { type ServerFacts, serverFactsSchema } from "../catalog/facts.ts";
import { distinctSlugOf } from "../catalog/slug.ts";
import { catalogLock, storable, toolRows, toolsParameter, writeGone, writeTools } from "./catalog-write.ts";

const factsDir = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "catalog", "data", "servers");

export type Seeded = { servers: number; tools: number; removed: number };

/**
 * Brings the catalog to what the shipped snapshot says, in one transaction; nothing is done when it did so already. Rules:
 * - A server that this installation listed itself (evidence `harvest`) on the snapshot's day or later is left alone; an older
 *   listing gives way, but the server's own words stay for each tool whose definition is still the same.
 * - A server that was only named by a registry gets its tools.
 * - A tool that left a server's file is `gone`; a server that left the snapshot and was never listed here is removed.
 * - No events are recorded: those say what this installation saw itself.
 *
 * Safe to run from several processes at once, and again after being cut off.
 *
 * @returns What was written; null when the snapshot was there already.
 * @throws Error naming the file that is not as catalog/facts.ts says.
 */
export async function seedCatalog(url: string, dir: string = factsDir): Promise<Seeded | null> {
  const files = await readFiles(dir);
  const hash = createHash("sha256");
  for (const { name, text } of files) hash.update(`${name}\0${text.length}\0${text}`);
  const snapshot = hash.digest("hex");

  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    if (await holds(client, snapshot)) return null;
    const servers = files.map(readServer);
    await client.query("BEGIN");
    await client.query(catalogLock);
    const seeded = (await holds(client, snapshot)) ? null : await write(client, servers);
    await client.query(
      `INSERT INTO "CatalogSnapshot" ("id", "hash") VALUES (1, $1)
       ON CONFLICT ("id") DO UPDATE SET "hash" = excluded."hash", "importedAt" = now()`,
      [snapshot],
    );
    await client.query("COMMIT");
    return seeded;
  } finally {
    await client.end(); // what was not committed is as if it had not been
  }
}

type FactsFile = { name: string; text: string };

async function readFiles(dir: string): Promise<FactsFile[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(path.join(dir, name), "utf8") })));
}

function readServer({ name, text }: FactsFile): ServerFacts {
  try {
    return serverFactsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`the catalog's ${name} is not as it should be: ${(cause as Error).message}`, { cause });
  }
}

async function holds(client: pg.Client, snapshot: string): Promise<boolean> {
  const { rows } = await client.query<{ hash: string }>(`SELECT "hash" FROM "CatalogSnapshot" WHERE "id" = 1`);
  return rows[0]?.hash === snapshot;
}

type Known = { id: string; source: string; slug: string; evidence: string; seenAt: Date };

async function write(client: pg.Client, servers: ServerFacts[]): Promise<Seeded> {
  const { rows: known } = await client.query<Known>(
    `SELECT "id", "source", "slug", "evidence", "seenAt" FROM "CatalogServer"
     WHERE "source" = ANY ($1) OR "slug" = ANY ($2) OR "evidence" = 'snapshot'`,
    [servers.map(({ source }) => source), servers.map(({ slug }) => slug)],
  );
  const bySource = new Map(known.map((row) => [row.source, row]));
  const shipped = new Set(servers.map(({ source }) => source));
  const left = known.filter(({ evidence, source }) => evidence === "snapshot" && !shipped.has(source));
  // Before the others come: their slugs are free again.
  await client.query(`DELETE FROM "CatalogServer" WHERE "id" = ANY ($1)`, [left.map(({ id }) => id)]);

  const taken = new Set(known.filter((row) => !left.includes(row)).map(({ slug }) => slug));
  const due = servers.filter(({ source, seen }) => {
    const row = bySource.get(source);
    return row?.evidence !== "harvest" || row.seenAt.getTime() < Date.parse(seen);
  });
  const rows = due.map((facts) => serverRow(facts, bySource.get(facts.source)?.slug, taken));
  const written = await client.query<{ id: string; source: string }>(writeServers, [JSON.stringify(rows)]);
  const ids = new Map(written.rows.map(({ id, source }) => [source, id]));

  const tools = due.flatMap((facts) => toolRows(ids.get(facts.source) ?? "", facts.seen, facts.tools));
  await client.query(writeTools, [toolsParameter(tools)]);
  const names = [tools.map(({ serverId }) => serverId), tools.map(({ name }) => storable(name))];
  await client.query(writeGone, [[...ids.values()], ...names, new Date()]);
  return { servers: due.length, tools: tools.length, removed: left.length };
}

/** A slug never changes. Of two servers that want the same, the later one gets a longer one. */
function serverRow({ tools: _, slug, ...facts }: ServerFacts, ownSlug: string | undefined, taken: Set<string>) {
  const given = ownSlug ?? (taken.has(slug) ? distinctSlugOf(facts.source) : slug);
  taken.add(given);
  return { ...facts, slug: given, sourceKind: facts.source.slice(0, facts.source.indexOf(":")) };
}

const writeServers = `
  INSERT INTO "CatalogServer" AS s ("id", "slug", "name", "source", "sourceKind", "packageName", "version", "repository",
    "homepage", "licence", "protocolVersion", "evidence", "firstSeenAt", "seenAt")
  SELECT gen_random_uuid(), n."slug", n."name", n."source", n."sourceKind", n."packageName", n."version", n."repository",
    n."homepage", n."licence", n."protocolVersion", 'snapshot', n."seen", n."seen"
  FROM jsonb_to_recordset($1::jsonb) AS n ("slug" text, "name" text, "source" text, "sourceKind" text, "packageName" text,
    "version" text, "repository" text, "homepage" text, "licence" text, "protocolVersion" text, "seen" timestamptz)
  ON CONFLICT ("source") DO UPDATE SET "name" = excluded."name", "packageName" = excluded."packageName",
    "version" = excluded."version", "repository" = excluded."repository", "homepage" = excluded."homepage",
    "licence" = excluded."licence", "protocolVersion" = excluded."protocolVersion", "evidence" = 'snapshot',
    "seenAt" = excluded."seenAt"
  RETURNING "id", "source"`;
