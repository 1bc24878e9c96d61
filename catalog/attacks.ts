import { argumentInjection } from "./attacks/argument-injection.ts";
import type { Attack } from "./attacks/attack.ts";
import { compromisedPackage } from "./attacks/compromised-package.ts";
import { confusedDeputy } from "./attacks/confused-deputy.ts";
import { consentFatigue } from "./attacks/consent-fatigue.ts";
import { credentialLeak } from "./attacks/credential-leak.ts";
import { dataExfiltration } from "./attacks/data-exfiltration.ts";
import { destructiveActionByMistake } from "./attacks/destructive-action-by-mistake.ts";
import { excessiveSpend } from "./attacks/excessive-spend.ts";
import { type AttackedTool, fitness, mostAbusable } from "./attacks/fitness.ts";
import { indirectPromptInjection } from "./attacks/indirect-prompt-injection.ts";
import { privilegeEscalationByArgument } from "./attacks/privilege-escalation-by-argument.ts";
import { rugPull } from "./attacks/rug-pull.ts";
import { runawayLoops } from "./attacks/runaway-loops.ts";
import { serverNameTyposquatting } from "./attacks/server-name-typosquatting.ts";
import { sessionHijack } from "./attacks/session-hijack.ts";
import { tokenPassthrough } from "./attacks/token-passthrough.ts";
import { toolPoisoning } from "./attacks/tool-poisoning.ts";
import { toolShadowing } from "./attacks/tool-shadowing.ts";
import type { RiskCategory } from "./schema.ts";

export type { Attack } from "./attacks/attack.ts";
export type { AttackedTool } from "./attacks/fitness.ts";

/** The library of attack patterns, in the order of its overview. */
export const attacks: readonly Attack[] = [
  toolPoisoning,
  rugPull,
  toolShadowing,
  serverNameTyposquatting,
  compromisedPackage,
  indirectPromptInjection,
  dataExfiltration,
  credentialLeak,
  confusedDeputy,
  tokenPassthrough,
  sessionHijack,
  privilegeEscalationByArgument,
  argumentInjection,
  destructiveActionByMistake,
  excessiveSpend,
  runawayLoops,
  consentFatigue,
];

const fittingMax = 5;

/** The patterns that abuse such a tool: at most 5, the most fitting first. Never empty for high and critical. */
export function attacksFor(tool: AttackedTool): Attack[] {
  const scores = fitness(tool);
  return attacks
    .filter(({ slug }) => (scores.get(slug) ?? 0) > 0)
    .sort((a, b) => (scores.get(b.slug) ?? 0) - (scores.get(a.slug) ?? 0))
    .slice(0, fittingMax);
}

/** The patterns that abuse tools of a category, whatever their arguments: the most fitting first. */
export function attacksOn(category: RiskCategory): Attack[] {
  const scores = fitness(mostAbusable(category));
  return attacks
    .filter(({ slug }) => (scores.get(slug) ?? 0) > 0)
    .sort((a, b) => (scores.get(b.slug) ?? 0) - (scores.get(a.slug) ?? 0));
}

export function findAttack(slug: string): Attack | undefined {
  return attacks.find((attack) => attack.slug === slug);
}
