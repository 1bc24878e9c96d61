import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listAudit } from "@/app/_server/audit-log.ts";
import { auditEventSchema, auditQuery } from "@/app/api/v1/member-schemas.ts";
import { pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "What was changed, by whom, the newest first.",
  permission: "audit.read",
  query: auditQuery,
  answer: pageOf(auditEventSchema),
  status: 200,
  refusals: ["invalid_query"],
  handle: ({ member, query }) => listAudit(member, query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
