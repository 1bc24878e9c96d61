import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { askForReset } from "@/app/_server/password-reset.ts";
import { resetAskBody } from "@/app/api/v1/member-schemas.ts";

export const POST = apiRoute({
  summary:
    "Have a link mailed that sets a new password. The answer is the same whether there is such an account or not.",
  permission: "public",
  body: resetAskBody,
  status: 204,
  refusals: ["mail_unavailable", "too_many_attempts"],
  handle: ({ body, request }) => askForReset(body.email, request.headers),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
