"use client";
import { RotateCcw } from "lucide-react";
import { useRef, useState } from "react";
import { DecisionBadge } from "@/components/decision-badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { ColouredJson } from "@/components/ui/coloured-json.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { denialText } from "../../policy/denial.ts";
import type { ExampleGateway } from "./example-gateway.ts";
import { type Decided, examplePolicy } from "./example-policy.ts";

const shownMax = 4;

type Numbered = Decided & { number: number };

/**
 * The policy of the example and two buttons that call through it; the engine is the gateway's own.
 *
 * @param before Calls that were decided where the page was made: what there is to see before a button is pressed, and without
 *   JavaScript. The first is the oldest.
 */
export function ExampleDecision({ before }: { before: readonly Decided[] }) {
  const gateway = useRef<ExampleGateway | null>(null);
  const [decided, setDecided] = useState<Numbered[]>([]);
  const shown = decided.length > 0 ? decided : before.map((each, index) => ({ ...each, number: index + 1 })).reverse();

  async function call(tool: string) {
    // The engine comes when somebody wants to see it decide, not before the page can be read.
    const engine = await import("./example-gateway.ts");
    gateway.current ??= new engine.ExampleGateway();
    const decision = gateway.current.call(tool, Date.now());
    setDecided((earlier) => [{ ...decision, number: (earlier[0]?.number ?? 0) + 1 }, ...earlier].slice(0, 50));
  }

  function startAgain() {
    gateway.current = null;
    setDecided([]);
  }

  return (
    <section aria-label="A live example" className="overflow-hidden rounded-xl border bg-surface shadow-pop">
      <div className="flex h-10 items-center justify-between border-b bg-raised/60 pr-1.5 pl-4">
        <span className="font-mono text-ink-muted text-xs">policy.json</span>
        <CopyButton text={examplePolicy} variant="ghost" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0} className="overflow-x-auto px-4 py-3 font-mono text-ink-muted text-xs leading-5">
        <code>
          <ColouredJson text={examplePolicy.trim()} />
        </code>
      </pre>
      <div className="noscript:hidden flex flex-wrap items-center gap-2 border-t bg-raised/60 px-3 py-2.5">
        <Button size="sm" variant="primary" className="font-mono" onClick={() => void call("vm_create_image")}>
          call vm_create_image
        </Button>
        <Button size="sm" className="font-mono" onClick={() => void call("vm_terminate")}>
          call vm_terminate
        </Button>
        {decided.length > 0 && (
          <Button
            size="iconSm"
            variant="ghost"
            aria-label="Start again"
            title="Start again"
            className="ml-auto"
            onClick={startAgain}
          >
            <RotateCcw aria-hidden="true" />
          </Button>
        )}
      </div>
      <div className="min-h-58 border-t">
        {decided.length === 0 && (
          <p className="border-b px-4 py-2.5 text-pretty text-ink-muted text-sm">
            {before.length} calls within a minute, decided by the policy above.{" "}
            <span className="noscript:hidden">
              Press a button: the same code decides here in your browser, as it does in the gateway.
            </span>
          </p>
        )}
        <ol aria-label="Decisions" aria-live="polite" aria-relevant="additions" className="divide-y">
          {shown.slice(0, shownMax).map((each) => (
            <li key={each.number} className="animate-enter px-4 py-2 text-sm">
              <div className="flex flex-wrap items-center gap-x-2">
                <span className="w-6 text-right font-mono text-ink-faint text-xs tabular-nums">{each.number}</span>
                <span className="font-medium font-mono text-[0.8125rem]">{each.tool}</span>
                <DecisionBadge code={each.code} />
                <code className="ml-auto font-mono text-ink-muted text-xs">{each.rule}</code>
              </div>
              {each.code !== "allowed" && (
                <p className="mt-0.5 pl-8 text-ink-muted text-xs">{denialText(each.message)}</p>
              )}
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
