import { describeMember } from "@/app/_server/accounts.ts";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { meAnswer } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "Who you are: user, organisation and role.",
  permission: "account.read",
  answer: meAnswer,
  status: 200,
  handle: ({ member }) => describeMember(member),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
