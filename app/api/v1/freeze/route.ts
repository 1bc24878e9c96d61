import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { freeze } from "@/app/_server/freeze.ts";
import { freezeAnswer, freezeBody } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "Refuse every call under the organisation, a server or a grant until it is released.",
  permission: "freeze",
  body: freezeBody,
  answer: freezeAnswer,
  status: 200,
  refusals: ["not_found"],
  handle: ({ member, body }) => freeze(member, body),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
