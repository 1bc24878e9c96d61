import { signUp } from "@/app/_server/accounts.ts";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { signupAnswer, signupBody } from "@/app/api/v1/schemas.ts";

/** Makes an account without any e-mail being sent: user, organisation and a first API key. */
export const POST = apiRoute({
  summary: "Sign up: makes a user, an organisation with that user as its admin, and an API key, which is shown once.",
  permission: "public",
  body: signupBody,
  answer: signupAnswer,
  status: 201,
  refusals: ["email_taken", "password_too_common", "too_many_attempts"],
  handle: ({ body, request }) => signUp(body, request.headers),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
