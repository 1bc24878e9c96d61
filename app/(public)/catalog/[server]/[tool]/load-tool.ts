import { permanentRedirect } from "next/navigation";
import { cache } from "react";
import { findCatalogTool } from "@/app/_server/catalog/tools.ts";
import type { ToolDetail } from "@/app/api/v1/catalog-schemas.ts";
import { toolNameOf, toolPath } from "../../../../../catalog/address.ts";

/** The tool of an address, once a request; null where there is none. Slugs are of small letters, whatever was typed. */
export const loadTool = cache(async (slug: string, segment: string): Promise<ToolDetail | null> => {
  const name = toolNameOf(segment);
  if (name === null || !/^[a-z0-9-]{1,200}$/i.test(slug)) return null;
  if (slug !== slug.toLowerCase()) permanentRedirect(toolPath(slug.toLowerCase(), name));
  return findCatalogTool(slug, name);
});
