"use client";
import { RotateCcw, SkipForward, StepForward } from "lucide-react";
import { useState } from "react";
import { useHydrated } from "@/app/_client/use-hydrated.ts";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import type { CallsDemonstration } from "../../../../catalog/attacks/attack.ts";
import { CallRow } from "./call-row.tsx";
import { decideCalls } from "./decide-calls.ts";
import { JsonBox } from "./json-box.tsx";
import { usePolicyText } from "./use-policy-text.ts";

/**
 * The calls of an attack, decided by the engine of the gateway: once on the server, so that they can be read as they are, and
 * again in the browser, where policy and arguments can be changed.
 */
export function Calls({ demonstration }: { demonstration: CallsDemonstration }) {
  const isHydrated = useHydrated();
  const { text, policy, problem, isChanged, setText } = usePolicyText(demonstration.policy);
  const [changed, setChanged] = useState<ReadonlyMap<number, Record<string, unknown>>>(new Map());
  const [shown, setShown] = useState(demonstration.calls.length);
  const calls = demonstration.calls.map((call, index) => ({
    ...call,
    arguments: changed.get(index) ?? call.arguments,
  }));
  const decided = policy === null ? [] : decideCalls(policy, calls);
  const refused = decided.filter(({ code }) => code !== "allowed").length;

  function reset() {
    setText(demonstration.policy);
    setChanged(new Map());
    setShown(calls.length);
  }

  return (
    <div className="overflow-hidden rounded-lg border bg-surface">
      <div className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 gap-y-1.5 border-b bg-raised/60 px-4 py-1.5">
        <p className="text-ink-muted text-sm">
          {calls.length} calls, {refused} of them not sent
        </p>
        <div className={cn("flex flex-wrap gap-1.5", !isHydrated && "invisible")}>
          <Button size="sm" onClick={() => setShown(shown >= calls.length ? 1 : shown + 1)}>
            <StepForward aria-hidden="true" />
            {shown >= calls.length ? "Step through" : "Next call"}
          </Button>
          <Button size="sm" disabled={shown >= calls.length} onClick={() => setShown(calls.length)}>
            <SkipForward aria-hidden="true" />
            All
          </Button>
          <Button
            size="iconSm"
            variant="ghost"
            aria-label="As it was"
            title="As it was"
            disabled={!isChanged && changed.size === 0}
            onClick={reset}
          >
            <RotateCcw aria-hidden="true" />
          </Button>
        </div>
      </div>
      <ol aria-label="Calls and decisions" aria-live="polite" aria-relevant="additions" className="divide-y">
        {calls.slice(0, shown).map((call, index) => {
          const decision = decided[index];
          return decision === undefined ? null : (
            <CallRow
              // biome-ignore lint/suspicious/noArrayIndexKey: the calls never move
              key={index}
              number={index + 1}
              call={call}
              decision={decision}
              onArguments={isHydrated ? (args) => setChanged((before) => new Map(before).set(index, args)) : undefined}
            />
          );
        })}
      </ol>
      <details className={cn("border-t", !isHydrated && "invisible")}>
        <summary className="px-4 py-2.5 font-medium text-accent text-sm hover:bg-raised">
          Change the policy, and see what becomes of the calls
        </summary>
        <div className="px-4 pb-4">
          <JsonBox label="policy.json" text={text} problem={problem} onChange={setText} />
        </div>
      </details>
    </div>
  );
}
