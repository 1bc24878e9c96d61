import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { endForward, readForward, setForward } from "@/app/_server/evidence/forward.ts";
import { forwardAnswer, forwardBody, forwardChanged } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "Where the log is sent as it is sealed, and how far the receiver has it.",
  permission: "notification.manage",
  answer: forwardAnswer,
  status: 200,
  handle: ({ member }) => readForward(member),
});

export const PUT = apiRoute({
  summary: "Sends the log to an address, link by link, signed, until each is taken; or holds it for a while.",
  permission: "notification.manage",
  body: forwardBody,
  answer: forwardChanged,
  status: 200,
  refusals: ["notification_refused", "not_found"],
  handle: ({ member, body }) => setForward(member, body),
});

export const DELETE = apiRoute({
  summary: "Sends the log there no more.",
  permission: "notification.manage",
  status: 204,
  refusals: ["not_found"],
  handle: ({ member }) => endForward(member),
});

export const { POST, PATCH } = otherMethodsThan("GET", "PUT", "DELETE");
