import { permanentRedirect } from "next/navigation";
import { cache } from "react";
import { findCatalogTool } from "@/app/_server/catalog/tools.ts";
import { cut } from "@/app/_server/site/cut.ts";
import type { ToolDetail } from "@/app/api/v1/catalog-schemas.ts";
import { toolNameOf, toolPath } from "../../../../../catalog/address.ts";

/** The tool of an address, once a request; null where there is none. Slugs are of small letters, whatever was typed. */
export const loadTool = cache(async (slug: string, segment: string): Promise<ToolDetail | null> => {
  const name = toolNameOf(segment);
  if (name === null || !/^[a-z0-9-]{1,200}$/i.test(slug)) return null;
  if (slug !== slug.toLowerCase()) permanentRedirect(toolPath(slug.toLowerCase(), name));
  const tool = await findCatalogTool(slug, name);
  // The server's name stands in many sentences here, and may be a paragraph; whole it stands on its own page.
  return tool && { ...tool, server: { ...tool.server, name: cut(tool.server.name, 80) } };
});
