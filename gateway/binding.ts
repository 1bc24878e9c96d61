// What an approval is given to: one grant's call of one tool with exactly these arguments, under one definition and one version
// of the policy. Whatever of it changes, it is another call.
import type { Decision } from "../policy/evaluate.ts";
import { andMore, argumentNames } from "../policy/recorded.ts";
import { argumentsDigest } from "../prisma/approval-arguments.ts";
import type { Question } from "./approvals.ts";
import type { Call } from "./call.ts";
import type { Caller } from "./caller.ts";
import { categoryOf } from "./category.ts";
import { digest } from "./definition-hash.ts";

export type Bound = {
  grantId: string;
  serverId: string;
  tool: string;
  argumentsDigest: string;
  definitionHash: string | null;
  policyId: string;
  policyVersion: number;
};

/** SHA-256 (hex) over all of it. */
export function bindingOf(bound: Bound): string {
  const { grantId, serverId, tool, argumentsDigest, definitionHash, policyId, policyVersion } = bound;
  const parts = [grantId, serverId, tool, argumentsDigest, definitionHash, policyId, policyVersion];
  return digest(JSON.stringify(["policylayer approval", 1, ...parts]));
}

/**
 * What is asked of a person. Null when the call has no one policy or cannot be read in one way only.
 *
 * @param argumentsText The raw arguments: JSON text.
 */
export function questionOf(
  { grant, server, policy }: Caller,
  call: Call,
  argumentsText: string,
  decision: Extract<Decision, { code: "approval_required" }>,
): Question | null {
  if (typeof policy !== "object" || call.tool === null) return null;
  let argumentsAre: string;
  try {
    argumentsAre = argumentsDigest(argumentsText);
  } catch {
    return null; // the scanner lets nothing through that has no canonical form
  }
  const bound: Bound = {
    grantId: grant.id,
    serverId: server.id,
    tool: call.tool,
    argumentsDigest: argumentsAre,
    definitionHash: server.tools.get(call.tool)?.definitionHash ?? null,
    policyId: policy.id,
    policyVersion: policy.version,
  };
  return {
    ...bound,
    binding: bindingOf(bound),
    organisationId: grant.organisationId,
    sessionTag: call.sessionTag,
    clientName: call.clientName,
    category: categoryOf(server, call.tool) ?? "Other",
    argumentsText,
    argumentKeys: argumentNames(call.arguments).filter((name) => name !== andMore),
    rule: decision.rule,
    message: decision.message,
    timeoutS: decision.timeoutS,
  };
}
