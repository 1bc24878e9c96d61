import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { leave } from "@/app/_server/members.ts";
import { addOrganisation, chooseOrganisation } from "@/app/_server/own-account.ts";
import { joinedAnswer, organisationChoice, organisationName } from "@/app/api/v1/member-schemas.ts";

export const PUT = apiRoute({
  summary: "Go on in another of your organisations, in this browser.",
  permission: "signed_in",
  body: organisationChoice,
  status: 204,
  refusals: ["not_found"],
  handle: ({ account, body }) => chooseOrganisation(account, body.organisationId),
});

export const POST = apiRoute({
  summary: "Make another organisation, with you as its admin.",
  permission: "signed_in",
  body: organisationName,
  answer: joinedAnswer,
  status: 201,
  refusals: ["too_many_organisations"],
  handle: ({ account, body }) => addOrganisation(account, body.name),
});

export const DELETE = apiRoute({
  summary: "Leave an organisation. The last admin stays.",
  permission: "signed_in",
  body: organisationChoice,
  status: 204,
  refusals: ["not_found", "last_admin"],
  handle: ({ account, body }) => leave(account, body.organisationId),
});

export const { GET, PATCH } = otherMethodsThan("PUT", "POST", "DELETE");
