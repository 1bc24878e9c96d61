import { type CatalogEventKind, catalogEventKinds } from "../../../api/v1/catalog-schemas.ts";

export type ChangesAsked = {
  server: string | undefined;
  kind: CatalogEventKind | undefined;
  cursor: string | undefined;
};

type Query = Record<string, string | string[] | undefined>;

export function readChangesAsked({ server, kind, cursor }: Query): ChangesAsked {
  const text = (value: string | string[] | undefined) =>
    typeof value === "string" && value !== "" ? value : undefined;
  return { server: text(server), kind: catalogEventKinds.find((each) => each === kind), cursor: text(cursor) };
}

/** The address of a view of the changes, or of its feed. */
export function changesPath({ server, kind, cursor }: Partial<ChangesAsked>, file = "/catalog/changes"): string {
  const query = new URLSearchParams();
  if (server !== undefined) query.set("server", server);
  if (kind !== undefined) query.set("kind", kind);
  if (cursor !== undefined) query.set("cursor", cursor);
  return query.size === 0 ? file : `${file}?${query}`;
}

export function feedPath(server: string | undefined): string {
  return changesPath({ server }, "/catalog/changes.xml");
}
