import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { freeze, listFreezes } from "@/app/_server/freeze.ts";
import { freezeAnswer, freezeBody, freezesAnswer } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "What is frozen now, since when, by whom and why.",
  permission: "account.read",
  answer: freezesAnswer,
  status: 200,
  handle: ({ member }) => listFreezes(member),
});

export const POST = apiRoute({
  summary: "Refuse every call under the organisation, a server or a grant until it is released.",
  permission: "freeze",
  body: freezeBody,
  answer: freezeAnswer,
  status: 200,
  refusals: ["not_found"],
  handle: ({ member, body }) => freeze(member, body),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
