// How much the catalog holds: counted, never claimed.
import { riskCategories, severities, severityOf } from "../../../catalog/schema.ts";
import { database } from "../../../prisma/client.ts";
import { type CatalogTotals, evidences, sourceKinds } from "../../api/v1/catalog-schemas.ts";

export async function catalogTotals(): Promise<CatalogTotals> {
  const db = database();
  const [tools, servers] = await Promise.all([
    db.catalogTool.groupBy({ by: ["category"], where: { state: "current" }, _count: true }),
    db.catalogServer.groupBy({ by: ["sourceKind", "evidence"], _count: true }),
  ]);
  const sum = <Row extends { _count: number }>(rows: Row[], counts: (row: Row) => boolean) =>
    rows.filter(counts).reduce((total, row) => total + row._count, 0);
  return {
    servers: sum(servers, () => true),
    tools: sum(tools, () => true),
    byCategory: record(riskCategories, (category) => sum(tools, (row) => row.category === category)),
    bySeverity: record(severities, (severity) =>
      sum(tools, (row) => riskCategories.some((name) => name === row.category && severityOf[name] === severity)),
    ),
    bySourceKind: record(sourceKinds, (kind) => sum(servers, (row) => row.sourceKind === kind)),
    byEvidence: record(evidences, (evidence) => sum(servers, (row) => row.evidence === evidence)),
  };
}

function record<Key extends string>(keys: readonly Key[], count: (key: Key) => number): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, count(key)])) as Record<Key, number>;
}
