import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { setPasswordByLink } from "@/app/_server/password-reset.ts";
import { resetBody } from "@/app/api/v1/member-schemas.ts";

export const POST = apiRoute({
  summary: "Set a new password by a link. Every browser of the account is signed out.",
  permission: "public",
  body: resetBody,
  status: 204,
  refusals: ["reset_gone", "password_too_common", "too_many_attempts"],
  handle: ({ body, request }) => setPasswordByLink(body, request.headers),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
