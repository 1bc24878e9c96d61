import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listContactMessages } from "@/app/_server/contact.ts";
import { contactMessageSchema, contactMessagesQuery, pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "What was written in the contact form, newest first. For the organisation that signed up first.",
  permission: "contact.manage",
  query: contactMessagesQuery,
  answer: pageOf(contactMessageSchema),
  status: 200,
  handle: ({ member, query }) => listContactMessages(member, query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
