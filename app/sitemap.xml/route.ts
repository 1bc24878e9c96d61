import { sitemapIndex } from "@/app/_server/site/sitemap.ts";
import { textResponse } from "@/app/_server/site/text-response.ts";

export const dynamic = "force-dynamic";

export async function GET(): Promise<Response> {
  return textResponse(await sitemapIndex(), "application/xml");
}
