import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { beginSecondFactor, confirmSecondFactor, endSecondFactor } from "@/app/_server/second-factor.ts";
import {
  recoveryCodes,
  twoFactorBegin,
  twoFactorBegun,
  twoFactorConfirm,
  twoFactorProof,
} from "@/app/api/v1/member-schemas.ts";

export const POST = apiRoute({
  summary: "Begin to set up a second factor: a secret for an authenticator app. It does not count yet.",
  permission: "signed_in",
  body: twoFactorBegin,
  answer: twoFactorBegun,
  status: 201,
  refusals: ["password_wrong", "no_password", "second_factor_on", "too_many_attempts"],
  handle: ({ account, body }) => beginSecondFactor(account, body.password),
});

export const PUT = apiRoute({
  summary: "Turn the second factor on, with a code of the app. The recovery codes are shown once.",
  permission: "signed_in",
  body: twoFactorConfirm,
  answer: recoveryCodes,
  status: 200,
  refusals: ["second_factor_wrong", "second_factor_on", "second_factor_off", "too_many_attempts"],
  handle: ({ account, body }) => confirmSecondFactor(account, body.code),
});

export const DELETE = apiRoute({
  summary: "Turn the second factor off.",
  permission: "signed_in",
  body: twoFactorProof,
  status: 204,
  refusals: ["password_wrong", "no_password", "second_factor_wrong", "second_factor_off", "too_many_attempts"],
  handle: ({ account, body }) => endSecondFactor(account, body),
});

export const { GET, PATCH } = otherMethodsThan("POST", "PUT", "DELETE");
