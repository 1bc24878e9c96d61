import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { deleteView } from "@/app/_server/call-views.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const DELETE = apiRoute({
  summary: "Takes a saved view away: one's own, or as an admin one that everybody sees.",
  permission: "view.save",
  params: z.strictObject({ viewId: idSchema }),
  status: 204,
  handle: ({ member, params }) => deleteView(member, params.viewId),
});

export const { GET, POST, PUT, PATCH } = otherMethodsThan("DELETE");
