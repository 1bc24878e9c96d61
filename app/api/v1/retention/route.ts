import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { readRetention, setRetention } from "@/app/_server/retention.ts";
import { retentionAnswer, retentionBody } from "@/app/api/v1/call-schemas.ts";

export const GET = apiRoute({
  summary: "How long calls are kept.",
  permission: "call.read",
  answer: retentionAnswer,
  status: 200,
  refusals: ["not_found"],
  handle: ({ member }) => readRetention(member),
});

export const PATCH = apiRoute({
  summary: "Says how long calls are kept: so many days at least, a week longer at most.",
  permission: "retention.manage",
  body: retentionBody,
  answer: retentionAnswer,
  status: 200,
  refusals: ["not_found"],
  handle: ({ member, body }) => setRetention(member, body),
});

export const { POST, PUT, DELETE } = otherMethodsThan("GET", "PATCH");
