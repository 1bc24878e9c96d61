import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listDeliveries } from "@/app/_server/notifications/deliveries.ts";
import { deliveriesQuery, deliverySchema } from "@/app/api/v1/approval-schemas.ts";
import { pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "What was sent, newest first. `dead`: given up after six tries.",
  permission: "notification.manage",
  query: deliveriesQuery,
  answer: pageOf(deliverySchema),
  status: 200,
  handle: ({ member, query }) => listDeliveries(member, query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
