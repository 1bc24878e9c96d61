import { policyJsonSchema } from "@/policy/json-schema.ts";

export const dynamic = "force-static";

/** The policy language for editors: everybody's, from every site, as it says nothing about anybody. */
export function GET(): Response {
  return new Response(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`, {
    headers: {
      "content-type": "application/schema+json; charset=utf-8",
      "access-control-allow-origin": "*",
      "cache-control": "public, max-age=3600",
    },
  });
}
