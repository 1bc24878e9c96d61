import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { exportEvidence } from "@/app/_server/evidence/export.ts";
import { evidenceExportQuery } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary:
    "Decisions, outcomes and admin actions with the signed links that hold them, as `policylayer verify` reads them.",
  permission: "audit.read",
  query: evidenceExportQuery,
  stream: "application/jsonl",
  status: 200,
  refusals: ["evidence_off"],
  handle: ({ member, query }) => exportEvidence(member, query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
