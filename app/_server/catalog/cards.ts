// Rows of the catalog as cards: what lists show of a server or a tool.

import { riskCategories, type Severity, severities, severityOf } from "../../../catalog/schema.ts";
import type { Prisma } from "../../../prisma/client.ts";
import { type ServerCard, serverCardSchema, type ToolCard, toolCardSchema } from "../../api/v1/catalog-schemas.ts";

export const serverColumns = {
  slug: true,
  name: true,
  source: true,
  sourceKind: true,
  packageName: true,
  version: true,
  licence: true,
  repository: true,
  description: true,
  evidence: true,
  toolCount: true,
  readCount: true,
  writeCount: true,
  executeCount: true,
  destructiveCount: true,
  financialCount: true,
  otherCount: true,
  firstSeenAt: true,
  seenAt: true,
} satisfies Prisma.CatalogServerSelect;
export type ServerRow = Prisma.CatalogServerGetPayload<{ select: typeof serverColumns }>;

export const toolColumns = {
  name: true,
  summary: true,
  description: true,
  category: true,
  severity: true,
  confidence: true,
  presence: true,
  state: true,
  server: { select: { slug: true, name: true } },
} satisfies Prisma.CatalogToolSelect;
export type ToolRow = Prisma.CatalogToolGetPayload<{ select: typeof toolColumns }>;

const kindsAndEvidence = serverCardSchema.pick({ sourceKind: true, evidence: true });

export function serverCard(row: ServerRow): ServerCard {
  const counts = {
    Read: row.readCount,
    Write: row.writeCount,
    Execute: row.executeCount,
    Destructive: row.destructiveCount,
    Financial: row.financialCount,
    Other: row.otherCount,
  };
  const { slug, name, source, packageName, version, licence, repository, description, toolCount } = row;
  return {
    slug,
    name,
    source,
    packageName,
    version,
    licence,
    repository,
    description,
    toolCount,
    ...kindsAndEvidence.parse({ sourceKind: row.sourceKind, evidence: row.evidence }),
    counts,
    severity: worstOf(counts),
    firstSeenAt: row.firstSeenAt.toISOString(),
    seenAt: row.seenAt.toISOString(),
  };
}

function worstOf(counts: ServerCard["counts"]): Severity | null {
  const held = riskCategories.filter((category) => counts[category] > 0).map((category) => severityOf[category]);
  return severities.findLast((severity) => held.includes(severity)) ?? null;
}

const judgement = toolCardSchema.pick({ category: true, severity: true, presence: true, state: true });

export function toolCard(row: ToolRow): ToolCard {
  const { name, summary, description, confidence, category, severity, presence, state } = row;
  const { slug, name: serverName } = row.server;
  return {
    server: { slug, name: serverName },
    name,
    summary,
    description,
    confidence,
    ...judgement.parse({ category, severity, presence, state }),
  };
}
