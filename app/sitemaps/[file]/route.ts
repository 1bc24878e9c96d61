import { sitemapFile } from "@/app/_server/site/sitemap.ts";
import { textResponse } from "@/app/_server/site/text-response.ts";

export const dynamic = "force-dynamic";

export async function GET(_request: Request, { params }: { params: Promise<{ file: string }> }): Promise<Response> {
  return textResponse(await sitemapFile((await params).file), "application/xml");
}
