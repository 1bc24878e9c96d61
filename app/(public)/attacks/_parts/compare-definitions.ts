import type { DefinitionDemonstration } from "../../../../catalog/attacks/attack.ts";
import { canonicalDefinition } from "../../../../catalog/definition.ts";
import { type ChangeGrade, gradeChange } from "../../../../catalog/definition-change.ts";
import type { Policy } from "../../../../policy/compile.ts";
import { type DecidedCall, decideCall } from "./decide-calls.ts";

export type ComparedDefinitions = { isSame: boolean; grades: ChangeGrade[]; decided: DecidedCall };

/**
 * What the gateway makes of a definition that is served otherwise than it was accepted: whether it is the same one in its
 * canonical form (whose hash is what is pinned), what kind of change it is, and what a call comes to meanwhile.
 */
export function compareDefinitions(
  policy: Policy,
  { before, after, call }: Pick<DefinitionDemonstration, "before" | "after" | "call">,
): ComparedDefinitions {
  const [accepted, served] = [canonicalDefinition(before), canonicalDefinition(after)];
  const isSame = accepted === served;
  const { code, rule, message } = decideCall(policy, call, { definitionChanged: !isSame });
  return { isSame, grades: gradeChange(accepted, served), decided: { code, rule, message } };
}
