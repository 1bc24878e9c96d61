import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { connectRefusals } from "@/app/_server/inspect.ts";
import { refreshServer } from "@/app/_server/refresh.ts";
import { idSchema, serverAnswer } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "Connect again and note what the server serves now; what is new or changed waits for a review.",
  permission: "server.manage",
  params: z.strictObject({ serverId: idSchema }),
  answer: serverAnswer,
  status: 200,
  refusals: [...connectRefusals, "secrets_unreadable"],
  handle: ({ member, params }) => refreshServer(member, params.serverId),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
