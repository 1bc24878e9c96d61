import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { acceptInvite } from "@/app/_server/invites.ts";
import { inviteAcceptBody, joinedAnswer } from "@/app/api/v1/member-schemas.ts";

export const POST = apiRoute({
  summary: "Join the organisation of an invite, with the account that is signed in.",
  permission: "signed_in",
  body: inviteAcceptBody,
  answer: joinedAnswer,
  status: 200,
  refusals: ["invite_gone", "invite_other_email", "already_member", "too_many_attempts"],
  handle: ({ account, body, request }) => acceptInvite(account, body.token, request.headers),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
