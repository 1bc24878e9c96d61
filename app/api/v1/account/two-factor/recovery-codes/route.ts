import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { renewRecoveryCodes } from "@/app/_server/second-factor.ts";
import { recoveryCodes, twoFactorProof } from "@/app/api/v1/member-schemas.ts";

export const POST = apiRoute({
  summary: "Make new recovery codes in the place of those that are left.",
  permission: "signed_in",
  body: twoFactorProof,
  answer: recoveryCodes,
  status: 201,
  refusals: ["password_wrong", "no_password", "second_factor_wrong", "second_factor_off", "too_many_attempts"],
  handle: ({ account, body }) => renewRecoveryCodes(account, body),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
