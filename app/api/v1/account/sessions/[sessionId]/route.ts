import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { endOwnSessions } from "@/app/_server/sessions.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const DELETE = apiRoute({
  summary: "Sign out of one browser.",
  permission: "signed_in",
  params: z.strictObject({ sessionId: idSchema }),
  status: 204,
  handle: ({ account, params }) => endOwnSessions(account, params.sessionId),
});

export const { GET, POST, PUT, PATCH } = otherMethodsThan("DELETE");
