// How much the catalog holds: counted, never claimed.
import { riskCategories, severities, severityOf } from "../../../catalog/schema.ts";
import { database } from "../../../prisma/client.ts";
import { type CatalogTotals, evidences, sourceKinds } from "../../api/v1/catalog-schemas.ts";
import { readShelf } from "./shelves.ts";

/**
 * The numbers of servers and of current tools. The database counts each shelf in the transaction that changes it, so this adds up a
 * few hundred rows, however large the catalog is.
 */
export async function catalogTotals(): Promise<CatalogTotals> {
  const rows = await database().catalogShelf.findMany();
  const shelves = rows.map(({ shelf, entries }) => ({ ...readShelf(shelf), entries }));
  const tools = shelves.filter(({ of }) => of === "tools");
  const servers = shelves.filter(({ of }) => of === "servers");
  return {
    servers: sum(servers),
    tools: sum(tools),
    byCategory: byName(riskCategories, (name) => sum(tools.filter(({ categories }) => categories.includes(name)))),
    bySeverity: byName(severities, (name) =>
      sum(tools.filter(({ categories }) => categories.some((category) => severityOf[category] === name))),
    ),
    bySourceKind: byName(sourceKinds, (name) => sum(servers.filter(({ sourceKind }) => sourceKind === name))),
    byEvidence: byName(evidences, (name) => sum(servers.filter(({ evidence }) => evidence === name))),
  };
}

function sum(shelves: readonly { entries: number }[]): number {
  return shelves.reduce((total, { entries }) => total + entries, 0);
}

function byName<Name extends string>(names: readonly Name[], count: (name: Name) => number): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, count(name)])) as Record<Name, number>;
}
