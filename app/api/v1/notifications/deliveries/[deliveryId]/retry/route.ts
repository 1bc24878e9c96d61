import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { retryDelivery } from "@/app/_server/notifications/deliveries.ts";
import { deliverySchema } from "@/app/api/v1/approval-schemas.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "Try one that was given up again.",
  permission: "notification.manage",
  params: z.strictObject({ deliveryId: idSchema }),
  answer: deliverySchema,
  status: 200,
  refusals: ["delivery_alive"],
  handle: ({ member, params }) => retryDelivery(member, params.deliveryId),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
