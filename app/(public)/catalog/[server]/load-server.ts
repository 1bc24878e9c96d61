import { permanentRedirect } from "next/navigation";
import { cache } from "react";
import { findCatalogServer } from "@/app/_server/catalog/servers.ts";
import type { ServerDetail } from "@/app/api/v1/catalog-schemas.ts";
import { serverPath } from "../../../../catalog/address.ts";

/** The server of an address, once a request; null where there is none. Slugs are of small letters, whatever was typed. */
export const loadServer = cache(async (slug: string): Promise<ServerDetail | null> => {
  if (!/^[a-z0-9-]{1,200}$/i.test(slug)) return null;
  if (slug !== slug.toLowerCase()) permanentRedirect(serverPath(slug.toLowerCase()));
  return findCatalogServer(slug);
});
