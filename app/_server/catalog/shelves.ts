// Shelves: entries of the catalog that no filter tells apart. There are a few hundred at most, whatever the catalog holds, so a list
// is merged from the beginnings of the shelves that its filters want: each read in the order of an index, as far as a page needs.
import { type RiskCategory, riskCategories, type Severity, severities } from "../../../catalog/schema.ts";
import { database, Prisma } from "../../../prisma/client.ts";
import { type Evidence, evidences, type SourceKind } from "../../api/v1/catalog-schemas.ts";

export type Of = "servers" | "tools";

export type CatalogFilters = {
  /** Tools of it, or servers with such a tool. */
  category?: RiskCategory | undefined;
  /** Of a server, that of its worst tools. */
  severity?: Severity | undefined;
  sourceKind?: SourceKind | undefined;
  evidence?: Evidence | undefined;
};

// The numbers are those of catalog_shelf() in the migration `catalog_search`.
const toolShelf = 4_096;
const kindStep = 512;
const evidenceStep = 64;
const kindNumbers: Record<SourceKind, number> = { npm: 1, github: 2, registry: 3, url: 4 };
const evidenceNumbers: Record<Evidence, number> = { harvest: 1, snapshot: 2, registry: 3 };

export type Shelf = {
  of: Of;
  sourceKind: SourceKind | null;
  evidence: Evidence | null;
  categories: RiskCategory[];
};

export function readShelf(number: number): Shelf {
  const kind = Math.floor(number / kindStep) % 8;
  const evidence = Math.floor(number / evidenceStep) % 8;
  return {
    of: number >= toolShelf ? "tools" : "servers",
    sourceKind: (Object.keys(kindNumbers) as SourceKind[]).find((name) => kindNumbers[name] === kind) ?? null,
    evidence: evidences.find((name) => evidenceNumbers[name] === evidence) ?? null,
    categories: riskCategories.filter((_, bit) => (number >> bit) % 2 === 1),
  };
}

/** The condition on the shelf of a row `alias`. */
export function onShelves(
  alias: "s" | "e",
  of: Of,
  { category, severity, sourceKind, evidence }: CatalogFilters,
): Prisma.Sql {
  const shelf = alias === "s" ? Prisma.sql`s."shelf"` : Prisma.sql`e."shelf"`;
  const conditions = [
    // Word for word what the indexes of tools and of servers are limited to.
    of === "tools" ? Prisma.sql`${shelf} >= 4096` : Prisma.sql`${shelf} < 4096`,
    ...(sourceKind ? [Prisma.sql`(${shelf} >> 9) & 7 = ${kindNumbers[sourceKind]}::int`] : []),
    ...(evidence ? [Prisma.sql`(${shelf} >> 6) & 7 = ${evidenceNumbers[evidence]}::int`] : []),
    ...(category ? [Prisma.sql`(${shelf} >> ${riskCategories.indexOf(category)}::int) & 1 = 1`] : []),
    ...(severity ? [Prisma.sql`catalog_risk(${shelf} & 63) = ${severities.indexOf(severity)}::int`] : []),
  ];
  return Prisma.join(conditions, " AND ");
}

/** A mark that more of the entries have costs more to look up among the words than it saves. */
const tellingShare = 0.25;

/** Of the filters, as marks that entries have among their words, those that leave only a few. */
export async function tellingMarks(of: Of, filters: CatalogFilters): Promise<string[]> {
  const marks: { mark: string; filter: CatalogFilters }[] = [
    ...(filters.sourceKind ? [{ mark: `=k:${filters.sourceKind}`, filter: { sourceKind: filters.sourceKind } }] : []),
    ...(filters.evidence ? [{ mark: `=e:${filters.evidence}`, filter: { evidence: filters.evidence } }] : []),
    ...(filters.category ? [{ mark: `=c:${filters.category}`, filter: { category: filters.category } }] : []),
    ...(filters.severity ? [{ mark: `=s:${filters.severity}`, filter: { severity: filters.severity } }] : []),
  ];
  if (marks.length === 0) return [];
  const shares = marks.map(
    ({ mark, filter }) => Prisma.sql`
      SELECT ${mark}::text AS "mark", coalesce(sum(s."entries") FILTER (WHERE ${onShelves("s", of, filter)}), 0)
        <= ${tellingShare}::float8 * coalesce(sum(s."entries") FILTER (WHERE ${onShelves("s", of, {})}), 0) AS "isTelling"
      FROM "CatalogShelf" s`,
  );
  const rows = await database().$queryRaw<
    { mark: string; isTelling: boolean }[]
  >`${Prisma.join(shares, " UNION ALL ")}`;
  return rows.filter(({ isTelling }) => isTelling).map(({ mark }) => mark);
}
