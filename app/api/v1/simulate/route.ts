import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { simulate } from "@/app/_server/simulate.ts";
import { simulateAnswer, simulateBody } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "Decide a call without making it: the decision and how it came about.",
  permission: "simulate",
  body: simulateBody,
  answer: simulateAnswer,
  status: 200,
  refusals: ["not_found", "policy_invalid", "policy_of_another_server"],
  handle: ({ member, body, json }) => simulate(member, body, json),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
