import * as z from "zod";
import { deleteApiKey } from "@/app/_server/api-keys.ts";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const DELETE = apiRoute({
  summary: "Delete an API key. The next request with it is refused.",
  permission: "api-key.manage",
  params: z.strictObject({ apiKeyId: idSchema }),
  status: 204,
  handle: ({ member, params }) => deleteApiKey(member, params.apiKeyId),
});

export const { GET, POST, PUT, PATCH } = otherMethodsThan("DELETE");
