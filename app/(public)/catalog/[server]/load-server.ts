import { notFound, permanentRedirect } from "next/navigation";
import { cache } from "react";
import { findCatalogServer } from "@/app/_server/catalog/servers.ts";
import type { ServerDetail } from "@/app/api/v1/catalog-schemas.ts";
import { serverPath } from "../../../../catalog/address.ts";

/** The server of an address, once a request; a 404 where there is none. Slugs are of small letters, whatever was typed. */
export const loadServer = cache(async (slug: string): Promise<ServerDetail> => {
  if (!/^[a-z0-9-]{1,200}$/i.test(slug)) notFound();
  if (slug !== slug.toLowerCase()) permanentRedirect(serverPath(slug.toLowerCase()));
  return (await findCatalogServer(slug)) ?? notFound();
});
