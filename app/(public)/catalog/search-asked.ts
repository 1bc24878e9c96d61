// What the search of the catalog is asked, as it stands in an address: the same for a form without a script, for the page and
// for what is typed.
import { type RiskCategory, riskCategories, type Severity, severities } from "../../../catalog/risk.ts";
import { type SourceKind, sourceKinds } from "../../api/v1/catalog-kinds.ts";

export type SearchAsked = {
  q: string;
  of: "servers" | "tools";
  category?: RiskCategory | undefined;
  severity?: Severity | undefined;
  sourceKind?: SourceKind | undefined;
  cursor?: string | undefined;
};

export const queryLengthMax = 200;

type Query = Record<string, string | string[] | undefined>;

/** What makes no sense in an address is as if it were not there. */
export function readSearchAsked({ q, of, category, severity, source, cursor }: Query): SearchAsked {
  return {
    q: typeof q === "string" ? q.slice(0, queryLengthMax) : "",
    of: of === "tools" ? "tools" : "servers",
    category: riskCategories.find((known) => known === category),
    severity: severities.find((known) => known === severity),
    sourceKind: sourceKinds.find((known) => known === source),
    cursor: typeof cursor === "string" && cursor !== "" ? cursor : undefined,
  };
}

/** The address of a search; one without anything in it is the catalog itself. */
export function searchPath({ q, of, category, severity, sourceKind, cursor }: SearchAsked): string {
  const query = new URLSearchParams();
  if (q.trim() !== "") query.set("q", q.trim());
  if (of === "tools") query.set("of", of);
  if (category) query.set("category", category);
  if (severity) query.set("severity", severity);
  if (sourceKind) query.set("source", sourceKind);
  if (cursor) query.set("cursor", cursor);
  return query.size === 0 ? "/catalog" : `/catalog?${query}`;
}

/** The same search of the public API. */
export function searchApiPath({ q, of, ...filters }: SearchAsked, limit: number): string {
  const query = new URLSearchParams({ of, limit: String(limit) });
  if (q.trim() !== "") query.set("q", q.trim());
  for (const [name, value] of Object.entries(filters)) if (value) query.set(name, value);
  return `/catalog/search?${query}`;
}

export function isFiltered({ category, severity, sourceKind }: SearchAsked): boolean {
  return Boolean(category ?? severity ?? sourceKind);
}
