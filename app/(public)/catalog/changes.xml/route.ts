import { changesFeed } from "@/app/_server/catalog/feed.ts";

export const dynamic = "force-dynamic";

/** `?server=<slug>`: of one server. */
export async function GET(request: Request): Promise<Response> {
  const slug = new URL(request.url).searchParams.get("server") || undefined;
  const feed = await changesFeed(slug);
  const headers = { "x-content-type-options": "nosniff", "cache-control": "public, max-age=60, s-maxage=300" };
  if (feed === null) return new Response("There is no such server.\n", { status: 404, headers });
  return new Response(feed, { headers: { ...headers, "content-type": "application/atom+xml; charset=utf-8" } });
}
