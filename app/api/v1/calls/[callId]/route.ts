import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { readStory } from "@/app/_server/call-story.ts";
import { callStoryAnswer } from "@/app/api/v1/call-schemas.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "One call's story: the version that decided, why, the approval, and what came of it.",
  permission: "call.read",
  params: z.strictObject({ callId: idSchema }),
  answer: callStoryAnswer,
  status: 200,
  handle: ({ member, params }) => readStory(member, params.callId),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
