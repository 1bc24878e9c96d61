import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { connectRefusals } from "@/app/_server/inspect.ts";
import { listServers, registerServer } from "@/app/_server/servers.ts";
import { pageOf, serverAnswer, serverBody, serverSummarySchema } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "The registered MCP servers.",
  permission: "server.read",
  answer: pageOf(serverSummarySchema),
  status: 200,
  handle: ({ member }) => listServers(member),
});

export const POST = apiRoute({
  summary: "Register an MCP server. A gateway connects to it and lists its tools before this answers.",
  permission: "server.manage",
  body: serverBody,
  answer: serverAnswer,
  status: 201,
  refusals: connectRefusals,
  handle: ({ member, body }) => registerServer(member, body),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
