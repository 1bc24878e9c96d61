// What would happen to a call, decided by the same function as in the gateway, without making it.
import type * as z from "zod";
import type { RiskCategory } from "../../catalog/schema.ts";
import type { Policy } from "../../policy/compile.ts";
import { type Decision, evaluate, namesExactly, rateLimitedDecision, type ToolCall } from "../../policy/evaluate.ts";
import { Counters } from "../../policy/limits.ts";
import { parsePolicy } from "../../policy/parse.ts";
import { database } from "../../prisma/client.ts";
import type { simulateAnswer, simulateBody } from "../api/v1/schemas.ts";
import { documentText, exactMember, type JsonBody } from "./json-body.ts";
import type { Member } from "./member.ts";
import { Refusal, refuse } from "./refusals.ts";
import { changedTools, toolView } from "./tools.ts";

type Simulation = z.output<typeof simulateBody>;
type Simulated = z.input<typeof simulateAnswer>;

/** Decides as for the first call of its window: no quota is used up. */
export async function simulate(member: Member, body: Simulation, json: JsonBody): Promise<Simulated | Refusal> {
  const server = await database().server.findFirst({
    where: { id: body.serverId, organisationId: member.organisation.id },
    include: { tools: { where: { name: body.tool } } },
  });
  if (!server) return refuse("not_found");
  const policy = await policyOf(member, body, json);
  if (policy instanceof Refusal) return policy;

  const changed = await changedTools(server.id);
  const tool = server.tools.map((tool) => toolView(tool, changed)).find(({ state }) => state !== "gone");
  if (!tool && !(policy && namesExactly(policy, body.tool))) return unknownTool(body.tool);
  const now = body.at ? Date.parse(body.at) : Date.now();
  const call = toolCall(member, body, tool?.category ?? "Other", json, now);
  const state = { frozen: member.organisation.frozen || server.frozenAt !== null, definitionChanged: false };
  const { trace = [], ...decision } = evaluate(policy, call, state, { trace: true });
  return { decision: afterLimits(decision, now), trace };
}

async function policyOf(member: Member, body: Simulation, json: JsonBody): Promise<Policy | null | Refusal> {
  const { document, policyId, serverId } = body;
  if (document !== undefined && policyId !== undefined) {
    return refuse("invalid_body", {
      errors: [{ pointer: "/policyId", message: "cannot be given together with `document`" }],
    });
  }
  if (policyId !== undefined) {
    const where = { id: policyId, organisationId: member.organisation.id };
    const row = await database().policy.findFirst({ where, include: { versions: true } });
    if (!row) return refuse("not_found");
    if (row.serverId !== serverId) return refuse("policy_of_another_server");
    return compile(row.versions.find(({ version }) => version === row.activeVersion)?.document ?? "");
  }
  return document === undefined ? null : compile(documentText(json, document));
}

function compile(text: string): Policy | Refusal {
  const parsed = parsePolicy(text);
  return parsed.ok ? parsed.policy : refuse("policy_invalid", { members: { problems: parsed.problems } });
}

function toolCall(member: Member, body: Simulation, category: RiskCategory, json: JsonBody, now: number): ToolCall {
  return {
    tool: body.tool,
    category,
    arguments: exactMember(json, "arguments"),
    grant: { id: "simulated", label: body.grant?.label ?? "simulated" },
    client: {},
    session: { id: body.session?.id },
    server: { id: body.serverId },
    organisation: { id: member.organisation.id },
    now,
  };
}

/** A limit that not even the first call fits under refuses it. */
export function afterLimits(decision: Decision, now: number): Decision {
  if (!("reserve" in decision)) return decision;
  const reserved = new Counters().reserve(decision.reserve, now);
  return reserved.ok ? decision : rateLimitedDecision(reserved.failed, reserved.retryAfterS);
}

/** The gateway answers such a call as if there were no such tool. */
function unknownTool(tool: string): Simulated {
  return { decision: { code: "unknown_tool", rule: "(unknown tool)", message: `Unknown tool: ${tool}` }, trace: [] };
}
