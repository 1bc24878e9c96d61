// What a harvest brought, into the catalog: the tools as they are now, and what changed since the last listing as events.
import { createHash } from "node:crypto";
import { classify } from "../../../catalog/classify.ts";
import { gradeChange } from "../../../catalog/definition-change.ts";
import { toolFactsOf } from "../../../catalog/facts-of.ts";
import type { Harvest, Listed } from "../../../catalog/harvest.ts";
import type { ToolDefinition } from "../../../catalog/schema.ts";
import {
  type CatalogToolRow,
  catalogLock,
  storable,
  toolsParameter,
  writeGone,
  writeTools,
} from "../../../prisma/catalog-write.ts";
import { database, type Prisma } from "../../../prisma/client.ts";
import type { CatalogEventKind } from "../../api/v1/catalog-schemas.ts";
import { freeSlug } from "./slugs.ts";

export type Recorded = {
  /** Null for a failed harvest of a server that nobody knows: there is nothing to record it with. */
  slug: string | null;
  added: number;
  changed: number;
  removed: number;
  events: number;
};

type Tx = Prisma.TransactionClient;
const transaction = { maxWait: 30_000, timeout: 60_000 };

/**
 * Records a harvest, all of it or nothing. The same list again adds a row to the server's harvests and changes nothing else; a failed
 * harvest, and one that is older than what is known, does that and no more.
 *
 * Events: `server_added` for the first listing, alone; then `version_changed`, and for each tool `tool_added`, `tool_removed` or
 * `tool_changed`, this when its definition has another hash, with the grades of the change. Where the definition before is not known,
 * because facts were shipped without it, the arguments are compared. Tools that a server never lists (`declared`, `unlisted`) are not
 * removed because it does not list them.
 */
export async function recordHarvest(brought: Harvest): Promise<Recorded> {
  const harvest = { ...brought, version: brought.version === null ? null : storable(brought.version) };
  return database().$transaction(async (tx) => {
    await tx.$executeRawUnsafe(catalogLock);
    const known = await tx.catalogServer.findUnique({ where: { source: harvest.source } });
    if (!harvest.ok) {
      const { version, code: outcome, message, ms } = harvest;
      if (known)
        await tx.catalogHarvest.create({
          data: { serverId: known.id, version, outcome, message: storable(message), ms },
        });
      return { slug: known?.slug ?? null, ...nothing };
    }
    const isOld = known?.evidence === "harvest" && known.seenAt > new Date(harvest.at);
    const server = isOld ? known : await writeServer(tx, known, harvest);
    const { at, version, tools, ms } = harvest;
    await tx.catalogHarvest.create({
      data: {
        serverId: server.id,
        at,
        version,
        outcome: "listed",
        toolCount: tools.length,
        listHash: listHash(harvest),
        ms,
      },
    });
    if (isOld) return { slug: server.slug, ...nothing };
    return { slug: server.slug, ...(await writeListing(tx, server.id, known, harvest)) };
  }, transaction);
}

const nothing = { added: 0, changed: 0, removed: 0, events: 0 };

/** SHA-256 (hex): equal for lists of the same names and definitions in the same order. */
export function listHash({ tools }: Pick<Listed, "tools">): string {
  const list = tools.map(({ name, definitionHash }) => [name, definitionHash]);
  return createHash("sha256").update(JSON.stringify(list)).digest("hex");
}

type Known = { id: string; slug: string; version: string | null; evidence: string };

async function writeServer(tx: Tx, known: Known | null, harvest: Listed): Promise<{ id: string; slug: string }> {
  const { source, name, packageName, version, repository, homepage, licence, description, protocolVersion, at } =
    harvest;
  const words = { packageName, version, repository, homepage, licence, description, protocolVersion };
  const data = {
    name: storable(name),
    ...Object.fromEntries(Object.entries(words).map(([key, value]) => [key, value === null ? null : storable(value)])),
    evidence: "harvest",
    seenAt: at,
  };
  if (known) return tx.catalogServer.update({ where: { id: known.id }, data });
  const sourceKind = source.slice(0, source.indexOf(":"));
  return tx.catalogServer.create({
    data: { ...data, source, sourceKind, slug: await freeSlug(tx, source), firstSeenAt: at },
  });
}

type ToolBefore = {
  name: string;
  presence: string;
  definition: string | null;
  definitionHash: string | null;
  parameters: Prisma.JsonValue;
};

async function writeListing(tx: Tx, serverId: string, known: Known | null, harvest: Listed) {
  const before: ToolBefore[] = await tx.catalogTool.findMany({
    where: { serverId, state: "current" },
    select: { name: true, presence: true, definition: true, definitionHash: true, parameters: true },
  });
  const rows = rowsOf(serverId, harvest);
  const names = new Set(rows.map(({ name }) => name));
  const unlisted = before.filter(({ name, presence }) => presence !== "listed" && !names.has(name));
  const kept = [...rows, ...unlisted].map(({ name }) => name);
  await tx.$executeRawUnsafe(writeTools, toolsParameter(rows));
  await tx.$executeRawUnsafe(
    writeGone,
    [serverId],
    kept.map(() => serverId),
    kept,
    harvest.at,
  );

  const was = new Map(before.map((tool) => [tool.name, tool]));
  const added = rows.filter(({ name }) => !was.has(name));
  const changed = rows.flatMap((after) => {
    const tool = was.get(after.name);
    return tool?.definitionHash && tool.definitionHash !== after.definitionHash ? [{ before: tool, after }] : [];
  });
  const removed = before.filter(({ name, presence }) => presence === "listed" && !names.has(name));

  const isFirst = known === null || known.evidence === "registry";
  const fromVersion = known?.version ?? null;
  const toVersion = harvest.version;
  const event = (kind: CatalogEventKind, more: Partial<Prisma.CatalogEventCreateManyInput> = {}) => ({
    serverId,
    at: harvest.at,
    kind,
    fromVersion: isFirst ? null : fromVersion,
    toVersion,
    ...more,
  });
  const events = isFirst
    ? [event("server_added")]
    : [
        ...(fromVersion !== null && toVersion !== null && fromVersion !== toVersion ? [event("version_changed")] : []),
        ...added.map(({ name, definition }) => event("tool_added", { tool: name, grades: ["new"], after: definition })),
        ...changed.map(({ before, after }) =>
          event("tool_changed", {
            tool: after.name,
            grades: gradesOf(before, after),
            before: before.definition,
            after: after.definition,
          }),
        ),
        ...removed.map(({ name, definition }) =>
          event("tool_removed", { tool: name, grades: ["gone"], before: definition }),
        ),
      ];
  await tx.catalogEvent.createMany({ data: events });
  return { added: added.length, changed: changed.length, removed: removed.length, events: events.length };
}

/** A name that is there twice counts once, the first time; one that Postgres cannot hold is left out. */
function rowsOf(serverId: string, { tools, at }: Listed): CatalogToolRow[] {
  const first = new Map<string, Listed["tools"][number]>();
  for (const tool of tools) if (!first.has(tool.name) && storable(tool.name) === tool.name) first.set(tool.name, tool);
  return [...first.values()].map(({ name, definition: text, definitionHash }, position) => {
    const definition = { ...(JSON.parse(text) as ToolDefinition), name };
    const classification = classify(definition);
    const { signals, findings } = classification;
    return {
      ...toolFactsOf(definition, { definitionHash, classification }),
      serverId,
      position,
      title: wordsOf(definition.title),
      description: wordsOf(definition.description),
      definition: text,
      signals,
      findings,
      at,
    };
  });
}

function wordsOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function gradesOf(before: ToolBefore, after: CatalogToolRow) {
  const grades =
    before.definition !== null
      ? gradeChange(before.definition, after.definition)
      : gradeChange(argumentsText(before.parameters), argumentsText(after.parameters));
  // The hash says that something is not as it was.
  return grades.length > 0 ? grades : ["other"];
}

/** As much of a definition as facts say. */
function argumentsText(parameters: unknown): string {
  const known = Array.isArray(parameters) ? (parameters as CatalogToolRow["parameters"]) : [];
  const declared = known.filter(({ declared }) => declared !== false);
  const schemaOf = ({ types, choices }: (typeof known)[number]) => ({
    ...(types === null ? {} : { type: types }),
    ...(choices === undefined ? {} : { enum: choices }),
  });
  return JSON.stringify({
    inputSchema: {
      type: "object",
      properties: Object.fromEntries(declared.map((parameter) => [parameter.name, schemaOf(parameter)])),
      required: declared.filter(({ required }) => required).map(({ name }) => name),
    },
  });
}
