import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { createGrant, listGrants } from "@/app/_server/grants.ts";
import { grantBody, grantCreated, grantSchema, idSchema, pageOf } from "@/app/api/v1/schemas.ts";

const params = z.strictObject({ serverId: idSchema });

export const GET = apiRoute({
  summary: "The grants for a server, revoked ones too.",
  permission: "grant.read",
  params,
  answer: pageOf(grantSchema),
  status: 200,
  handle: ({ member, params }) => listGrants(member, params.serverId),
});

export const POST = apiRoute({
  summary: "Make a grant: a bearer token for this server, shown once, and what to paste into each MCP client.",
  permission: "grant.manage",
  params,
  body: grantBody,
  answer: grantCreated,
  status: 201,
  refusals: ["policy_of_another_server"],
  handle: ({ member, params, body }) => createGrant(member, params.serverId, body),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
