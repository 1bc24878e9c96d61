import { createApiKey, listApiKeys } from "@/app/_server/api-keys.ts";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { apiKeyAnswer, apiKeyBody, apiKeySchema, pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "The organisation's API keys, without the keys themselves.",
  permission: "api-key.manage",
  answer: pageOf(apiKeySchema),
  status: 200,
  handle: ({ member }) => listApiKeys(member),
});

export const POST = apiRoute({
  summary: "Make an API key. It is shown once.",
  permission: "api-key.manage",
  body: apiKeyBody,
  answer: apiKeyAnswer,
  status: 201,
  handle: ({ member, body }) => createApiKey(member, body.name),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
