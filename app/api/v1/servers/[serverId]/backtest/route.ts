import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { backtestServer } from "@/app/_server/backtest.ts";
import { documentText } from "@/app/_server/json-body.ts";
import { backtestAnswer, backtestBody, idSchema } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "What a document would have changed for the calls on record, replayed in time order. Nothing is called.",
  // Not for viewers: by asking what a condition holds for, one can find out argument values.
  permission: "policy.edit",
  params: z.strictObject({ serverId: idSchema }),
  body: backtestBody,
  answer: backtestAnswer,
  status: 200,
  refusals: ["policy_invalid", "policy_of_another_server", "backtest_running"],
  handle: ({ member, params, body, json, request }) =>
    backtestServer(member, params.serverId, { ...body, text: documentText(json, body.document) }, request.signal),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
