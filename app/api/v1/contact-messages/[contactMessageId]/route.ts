import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { deleteContactMessage } from "@/app/_server/contact.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const DELETE = apiRoute({
  summary: "Delete a message of the contact form.",
  permission: "contact.manage",
  params: z.strictObject({ contactMessageId: idSchema }),
  status: 204,
  handle: ({ member, params }) => deleteContactMessage(member, params.contactMessageId),
});

export const { GET, POST, PUT, PATCH } = otherMethodsThan("DELETE");
