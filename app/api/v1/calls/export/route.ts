import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { exportCalls } from "@/app/_server/call-export.ts";
import { exportQuery } from "@/app/api/v1/call-schemas.ts";

export const GET = apiRoute({
  summary: "All calls that fit as a file, newest first: CSV (RFC 4180) or one JSON object a line.",
  permission: "call.read",
  query: exportQuery,
  stream: "application/octet-stream",
  status: 200,
  handle: async ({ member, query: { format, ...filters } }) =>
    new Response(exportCalls(member.organisation.id, filters, format), {
      headers: { "content-disposition": `attachment; filename="calls.${format}"` },
    }),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
