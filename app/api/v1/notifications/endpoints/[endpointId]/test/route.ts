import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { testEndpoint } from "@/app/_server/notifications/endpoints.ts";
import { deliverySchema } from "@/app/api/v1/approval-schemas.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "Send a test there.",
  permission: "notification.manage",
  params: z.strictObject({ endpointId: idSchema }),
  answer: deliverySchema,
  status: 201,
  handle: ({ member, params }) => testEndpoint(member, params.endpointId),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
