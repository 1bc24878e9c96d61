// How a listing gets into the catalog, whether shipped or harvested. Entries to search, words and counts follow by triggers.
import type { ServerFacts, SignalFact, ToolFacts } from "../catalog/facts.ts";
import { kinOf } from "../catalog/kin.ts";
import type { Finding } from "../catalog/schema.ts";

/** Whoever writes to the catalog holds this lock of the transaction: one at a time. The triggers take it as well. */
export const catalogLock = "SELECT pg_advisory_xact_lock(72707370)";

/** A row of `CatalogTool` but for what the database knows itself. */
export type CatalogToolRow = Omit<ToolFacts, "signals" | "findings"> & {
  serverId: string;
  position: number;
  /** The server's words; null where only facts are known. */
  title: string | null;
  description: string | null;
  definition: string | null;
  signals: SignalFact[];
  findings: string[] | Finding[];
  /** RFC 3339: when it was listed. */
  at: string;
};

/** The tools of one server's list, each name once: of two that have the same, the first is what a client gets. */
export function toolRows(serverId: string, at: string, tools: ServerFacts["tools"]): CatalogToolRow[] {
  const first = new Map<string, ToolFacts>();
  for (const tool of tools) if (!first.has(tool.name)) first.set(tool.name, tool);
  return [...first.values()].map((tool, position) => ({
    ...tool,
    serverId,
    position,
    title: null,
    description: null,
    definition: null,
    at,
  }));
}

/** The rows as the one parameter of {@link writeTools}. What Postgres cannot hold is replaced. */
export function toolsParameter(rows: readonly CatalogToolRow[]): string {
  return JSON.stringify(
    rows.map((row) => ({ ...row, kin: kinOf(row) })),
    (_, value: unknown) => (typeof value === "string" ? storable(value) : value),
  );
}

/** Text from outside as Postgres takes it: without U+0000 and halves of surrogate pairs. */
export function storable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, "\ufffd");
}

const sameWords = `excluded."definition" IS NULL AND t."definitionHash" = excluded."definitionHash"`;

/**
 * Inserts the tools or makes them what they are now, current in any case. Words that a server gave for the very definition that is
 * written now are kept where facts come without them. What is as it was is not touched.
 */
export const writeTools = `
  INSERT INTO "CatalogTool" AS t ("id", "serverId", "name", "position", "presence", "summary", "title", "description",
    "parameters", "annotations", "definition", "definitionHash", "category", "severity", "confidence", "signals", "findings",
    "kin", "state", "firstSeenAt", "changedAt")
  SELECT gen_random_uuid(), n."serverId", n."name", n."position", coalesce(n."presence", 'listed'), n."summary", n."title",
    n."description", n."parameters", n."annotations", n."definition", n."definitionHash", n."category", n."severity",
    n."confidence", n."signals", n."findings", n."kin", 'current', n."at", n."at"
  FROM jsonb_to_recordset($1::jsonb) AS n ("serverId" uuid, "name" text, "position" int, "presence" text, "summary" text,
    "title" text, "description" text, "parameters" jsonb, "annotations" jsonb, "definition" text, "definitionHash" text,
    "category" text, "severity" text, "confidence" float8, "signals" jsonb, "findings" jsonb, "kin" text, "at" timestamptz)
  ON CONFLICT ("serverId", "name") DO UPDATE SET
    "position" = excluded."position", "presence" = excluded."presence",
    "summary" = coalesce(excluded."summary", t."summary"),
    "title" = CASE WHEN ${sameWords} THEN t."title" ELSE excluded."title" END,
    "description" = CASE WHEN ${sameWords} THEN t."description" ELSE excluded."description" END,
    "definition" = CASE WHEN ${sameWords} THEN t."definition" ELSE excluded."definition" END,
    "signals" = excluded."signals",
    "parameters" = excluded."parameters", "annotations" = excluded."annotations", "definitionHash" = excluded."definitionHash",
    "category" = excluded."category", "severity" = excluded."severity", "confidence" = excluded."confidence",
    "findings" = excluded."findings", "kin" = excluded."kin", "state" = 'current',
    "changedAt" = CASE WHEN t."definitionHash" IS DISTINCT FROM excluded."definitionHash" OR t."state" <> 'current'
      THEN excluded."changedAt" ELSE t."changedAt" END
  WHERE (t."position", t."presence", t."definitionHash", t."category", t."severity", t."confidence", t."kin", t."state",
      t."parameters", t."annotations", t."signals", t."findings", t."definition", t."summary") IS DISTINCT FROM
    (excluded."position", excluded."presence", excluded."definitionHash", excluded."category", excluded."severity",
      excluded."confidence", excluded."kin", 'current', excluded."parameters", excluded."annotations", excluded."signals",
      excluded."findings", excluded."definition", excluded."summary")`;

/**
 * Marks current tools of servers `$1` (uuid[]) as gone, as of `$4`, but for those that are named: `$2` (uuid[]) the server, `$3`
 * (text[]) the name of each.
 */
export const writeGone = `
  UPDATE "CatalogTool" t SET "state" = 'gone', "changedAt" = $4::timestamptz
  WHERE t."serverId" = ANY ($1::uuid[]) AND t."state" = 'current'
    AND NOT EXISTS (SELECT 1 FROM unnest($2::uuid[], $3::text[]) AS kept ("serverId", "name")
      WHERE kept."serverId" = t."serverId" AND kept."name" = t."name")`;
