import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { signUpByInvite } from "@/app/_server/invites.ts";
import { inviteSignupBody, joinedAnswer } from "@/app/api/v1/member-schemas.ts";

export const POST = apiRoute({
  summary: "Make an account and join the organisation of an invite with it.",
  permission: "public",
  body: inviteSignupBody,
  answer: joinedAnswer,
  status: 201,
  refusals: ["invite_gone", "invite_other_email", "email_taken", "password_too_common", "too_many_attempts"],
  handle: ({ body, request }) => signUpByInvite(body, request.headers),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
