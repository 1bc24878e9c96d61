import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { endOwnSessions, listSessions } from "@/app/_server/sessions.ts";
import { sessionSchema } from "@/app/api/v1/member-schemas.ts";
import { pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "List the browsers in which you are signed in.",
  permission: "signed_in",
  answer: pageOf(sessionSchema),
  status: 200,
  handle: ({ account }) => listSessions(account),
});

export const DELETE = apiRoute({
  summary: "Sign out of every other browser.",
  permission: "signed_in",
  status: 204,
  handle: ({ account }) => endOwnSessions(account),
});

export const { POST, PUT, PATCH } = otherMethodsThan("GET", "DELETE");
