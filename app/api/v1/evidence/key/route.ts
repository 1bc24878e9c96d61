import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { readEvidenceKey } from "@/app/_server/evidence/index.ts";
import { evidenceKeyAnswer } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "The public key that signs chains of evidence.",
  permission: "account.read",
  answer: evidenceKeyAnswer,
  status: 200,
  refusals: ["evidence_off"],
  handle: () => readEvidenceKey(),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
