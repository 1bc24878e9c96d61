import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { changePassword } from "@/app/_server/own-password.ts";
import { passwordBody, sessionsEnded } from "@/app/api/v1/member-schemas.ts";

export const PUT = apiRoute({
  summary: "Change your password. Every other browser is signed out.",
  permission: "signed_in",
  body: passwordBody,
  answer: sessionsEnded,
  status: 200,
  refusals: ["password_wrong", "password_too_common", "no_password", "too_many_attempts"],
  handle: ({ account, body }) => changePassword(account, body),
});

export const { GET, POST, PATCH, DELETE } = otherMethodsThan("PUT");
