"use client";
import { useState } from "react";
import { useHydrated } from "@/app/_client/use-hydrated.ts";
import { DecisionBadge } from "@/components/decision-badge.tsx";
import { GradeBadges } from "@/components/definition/grade-badges.tsx";
import { TextDiff } from "@/components/policy-editor/text-diff.tsx";
import { cn } from "@/components/ui/cn.ts";
import type { DefinitionDemonstration } from "../../../../catalog/attacks/attack.ts";
import { denialText } from "../../../../policy/denial.ts";
import { asciiJson } from "./ascii-json.ts";
import { type ComparedDefinitions, compareDefinitions } from "./compare-definitions.ts";
import { JsonBox } from "./json-box.tsx";
import { usePolicyText } from "./use-policy-text.ts";

/** A definition as it was accepted and as it is served: compared, graded and decided by the gateway's own code. */
export function Definitions({ demonstration }: { demonstration: DefinitionDemonstration }) {
  const isHydrated = useHydrated();
  const { before, call } = demonstration;
  const [served, setServed] = useState(() => indented(demonstration.after));
  const { policy } = usePolicyText(demonstration.policy);
  const compared = policy === null ? null : compare({ ...demonstration, after: served });
  const problem = compared === null ? "This is not JSON that can be read in one way only; the tool is held." : null;

  function compare(one: DefinitionDemonstration): ComparedDefinitions | null {
    if (policy === null) return null;
    try {
      return compareDefinitions(policy, one);
    } catch {
      return null;
    }
  }

  return (
    <div className="overflow-hidden rounded-lg border bg-surface">
      <div className="px-4 py-3">
        <TextDiff before={indented(before)} after={served} label={`Accepted and served: ${demonstration.title}`} />
      </div>
      {compared !== null && (
        <dl aria-live="polite" className="grid gap-2 border-t bg-raised/40 px-4 py-3 text-sm">
          <Line name="Compared">
            {compared.isSame ? "The same definition, whatever its layout" : "Another definition"}
          </Line>
          {compared.grades.length > 0 && (
            <Line name="Kind of change">
              <GradeBadges grades={compared.grades} />
            </Line>
          )}
          <Line name="In the list">{compared.isSame ? "Shown" : "Left out, for every caller"}</Line>
          <Line name="A call">
            <span className="grid gap-1">
              <code className="font-mono text-xs [overflow-wrap:anywhere]">
                {call.tool} {asciiJson(call.arguments)}
              </code>
              <span>
                <DecisionBadge code={compared.decided.code} />
              </span>
              {compared.decided.code !== "allowed" && (
                <span className="text-pretty text-ink-muted text-xs">{denialText(compared.decided.message)}</span>
              )}
            </span>
          </Line>
        </dl>
      )}
      <details className={cn("border-t", !isHydrated && "invisible")}>
        <summary className="px-4 py-2.5 font-medium text-accent text-sm hover:bg-raised">Change what is served</summary>
        <div className="px-4 pb-4">
          <JsonBox label="Definition as it is served now" text={served} problem={problem} onChange={setServed} />
        </div>
      </details>
    </div>
  );
}

/** On lines, its keys in the order in which they came. */
function indented(rawJson: string): string {
  return JSON.stringify(JSON.parse(rawJson), null, 2);
}

function Line({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-0.5 sm:grid-cols-[8rem_minmax(0,1fr)]">
      <dt className="text-ink-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
