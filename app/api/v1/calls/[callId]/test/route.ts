import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { callAsTest } from "@/app/_server/call-retrace.ts";
import { callTestAnswer } from "@/app/api/v1/call-schemas.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary:
    "The call as `policylayer test` reads it, with the recorded values of its arguments. Asking is on the audit log.",
  permission: "policy.edit",
  params: z.strictObject({ callId: idSchema }),
  answer: callTestAnswer,
  status: 200,
  handle: ({ member, params }) => callAsTest(member, params.callId),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
