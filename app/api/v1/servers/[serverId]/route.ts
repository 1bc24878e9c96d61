import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { deleteServer, patchServer, readServer } from "@/app/_server/servers.ts";
import { idSchema, serverAnswer, serverPatchBody } from "@/app/api/v1/schemas.ts";

const params = z.strictObject({ serverId: idSchema });

export const GET = apiRoute({
  summary: "A server with its tools.",
  permission: "server.read",
  params,
  answer: serverAnswer,
  status: 200,
  handle: ({ member, params }) => readServer(member, params.serverId),
});

export const PATCH = apiRoute({
  summary: "Rename a server, replace its static headers or variables, or settle what is recorded and relayed.",
  permission: "server.manage",
  params,
  body: serverPatchBody,
  answer: serverAnswer,
  status: 200,
  refusals: ["stdio_not_allowed"],
  handle: ({ member, params, body }) => patchServer(member, params.serverId, body),
});

export const DELETE = apiRoute({
  summary: "Delete a server with its policies and grants. The calls on record stay.",
  permission: "server.manage",
  params,
  status: 204,
  handle: ({ member, params }) => deleteServer(member, params.serverId),
});

export const { POST, PUT } = otherMethodsThan("GET", "PATCH", "DELETE");
