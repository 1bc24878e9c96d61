import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { describeAccount } from "@/app/_server/own-account.ts";
import { accountAnswer } from "@/app/api/v1/member-schemas.ts";

export const GET = apiRoute({
  summary: "Your own account: how it is signed in, and its organisations.",
  permission: "signed_in",
  answer: accountAnswer,
  status: 200,
  handle: ({ account }) => describeAccount(account),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
