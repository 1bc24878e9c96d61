import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listHeads } from "@/app/_server/evidence/index.ts";
import { evidenceHeadsAnswer, evidenceHeadsQuery } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "The signed heads of the organisation's chain of evidence, newest first.",
  permission: "audit.read",
  query: evidenceHeadsQuery,
  answer: evidenceHeadsAnswer,
  status: 200,
  handle: ({ member, query }) => listHeads(member, query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
