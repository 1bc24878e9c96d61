// A version that is tried beside the enforced one: what it would have changed, and what becomes of it.
import type * as z from "zod";
import { changeOf } from "../../policy/backtest.ts";
import { database } from "../../prisma/client.ts";
import type { ShadowAnswer, shadowBody, shadowChanged } from "../api/v1/schemas.ts";
import { audit } from "./audit.ts";
import { changeAndEnforce } from "./gateways.ts";
import type { Member } from "./member.ts";
import { followingDraft, lockPolicy, noTrial, readVersion } from "./publish.ts";
import { Refusal, refuse } from "./refusals.ts";

/**
 * Ends a trial. Promoted, the version becomes the active one in the same moment; a draft without changes of its own goes
 * along. Whether the policy is enforced or only watched (`mode`) stays as it is.
 */
export async function endTrial(
  member: Member,
  policyId: string,
  { action, version }: z.output<typeof shadowBody>,
): Promise<z.input<typeof shadowChanged> | Refusal> {
  const changed = await changeAndEnforce(async (tx) => {
    const policy = await lockPolicy(tx, member, policyId);
    if (!policy) return refuse("not_found");
    const { shadowVersion } = policy;
    if (shadowVersion === null) return refuse("no_shadow_version");
    if (version !== undefined && version !== shadowVersion) {
      return refuse("no_shadow_version", { detail: `Version ${shadowVersion} is being tried, not ${version}.` });
    }
    const data = { ...noTrial };
    if (action === "promote") {
      const text = (await readVersion(tx, policyId, shadowVersion)) ?? "";
      const draft = await followingDraft(tx, policyId, policy, text);
      Object.assign(data, { activeVersion: shadowVersion, ...draft });
    }
    const after = await tx.policy.update({ where: { id: policyId }, data });
    await audit(tx, member, {
      action: action === "promote" ? "policy.trial_promoted" : "policy.trial_stopped",
      target: { kind: "policy", id: policyId, name: after.name },
      before: policy,
      after: { activeVersion: after.activeVersion, shadowVersion: after.shadowVersion },
    });
    return { result: shadowVersion, announce: { kind: "policy", id: policyId } };
  });
  return changed instanceof Refusal ? changed : { version: changed.result, gateways: changed.gateways };
}

/** The most rules that an answer names, and the most tools of one of them. */
const rulesMax = 500;
const toolsMax = 20;

/** What the version has decided since it is being tried, beside what was enforced. */
export async function readShadow(member: Member, policyId: string): Promise<ShadowAnswer | Refusal> {
  const where = { id: policyId, organisationId: member.organisation.id };
  const policy = await database().policy.findFirst({ where });
  if (!policy) return refuse("not_found");
  const answer: ShadowAnswer = {
    version: policy.shadowVersion,
    since: policy.shadowSince?.toISOString() ?? null,
    ...{ calls: 0, same: 0, newlyRefused: 0, newlyAllowed: 0, newlyAsked: 0, otherwiseDifferent: 0, rules: [] },
  };
  if (policy.shadowVersion === null || policy.shadowSince === null) return answer;

  const groups = await countAnswers(policy.serverId, policyId, policy.shadowVersion, policy.shadowSince);
  const rules = new Map<string, ShadowAnswer["rules"][number]>();
  for (const { was, code, rule, tool, calls } of groups) {
    const change = changeOf(was, code);
    answer.calls += calls;
    answer[change] += calls;
    if (change === "same") continue;
    const key = JSON.stringify([rule, code, was]);
    const counted = rules.get(key) ?? { rule, code, was, calls: 0, tools: [] };
    counted.calls += calls;
    if (counted.tools.length < toolsMax) counted.tools.push(tool);
    rules.set(key, counted);
  }
  answer.rules = [...rules.values()].sort((a, b) => b.calls - a.calls).slice(0, rulesMax);
  return answer;
}

type AnswerGroup = { was: string; code: string; rule: string; tool: string; calls: number };

/** A call that a watched policy would have denied went through: it was allowed. */
function countAnswers(serverId: string, policyId: string, version: number, since: Date): Promise<AnswerGroup[]> {
  return database().$queryRaw<AnswerGroup[]>`
    SELECT CASE WHEN "wouldDeny" THEN 'allowed' ELSE "code" END AS "was",
      "shadowCode" AS "code", coalesce("shadowRule", '') AS "rule", coalesce("tool", '') AS "tool", count(*)::int AS "calls"
    FROM "Call"
    WHERE "serverId" = ${serverId}::uuid AND "at" >= ${since}::timestamptz AND "policyId" = ${policyId}::uuid
      AND "shadowVersion" = ${version} AND "shadowCode" IS NOT NULL
    GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 4`;
}
