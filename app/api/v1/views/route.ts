import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listViews, saveView } from "@/app/_server/call-views.ts";
import { viewBody, viewSchema } from "@/app/api/v1/call-schemas.ts";
import { pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "Saved views of the call log: one's own, and those of the organisation.",
  permission: "call.read",
  answer: pageOf(viewSchema),
  status: 200,
  handle: ({ member }) => listViews(member),
});

export const POST = apiRoute({
  summary: "Saves filters of the call log under a name.",
  permission: "view.save",
  body: viewBody,
  answer: viewSchema,
  status: 201,
  handle: ({ member, body }) => saveView(member, body),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
