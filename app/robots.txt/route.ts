import { settings } from "@/app/_server/environment.ts";
import { textResponse } from "@/app/_server/site/text-response.ts";

export const dynamic = "force-dynamic";

/** Pages that ask who you are lead to the sign-in; a crawler has nothing there. The catalog's own API is everybody's. */
export function GET(): Response {
  const closed = [
    "/api/",
    "/signin",
    "/signup",
    "/invite",
    "/reset",
    "/open",
    "/overview",
    "/servers",
    "/policies",
    "/grants",
    "/approvals",
    "/calls",
    "/stack",
    "/harvest",
    "/settings",
  ];
  const lines = ["User-agent: *", "Allow: /api/v1/catalog/", ...closed.map((path) => `Disallow: ${path}`)];
  return textResponse(`${lines.join("\n")}\n\nSitemap: ${settings().publicUrl}/sitemap.xml\n`, "text/plain");
}
