"use client";
import { ArrowRight, Check, CircleHelp, Gauge, OctagonX, X } from "lucide-react";
import type { PolicyDocument } from "../../../policy/schema.ts";
import { durationWords } from "../../../policy/words.ts";
import { DecisionBadge } from "../../decision-badge.tsx";
import { cn } from "../../ui/cn.ts";
import { ColouredJson } from "../../ui/coloured-json.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { agentAnswer, type Simulation, type Taken } from "./simulate.ts";
import { type ConditionLine, type TraceLine, traceLines } from "./trace-lines.ts";

type Go = (pointer: string) => void;

/** The decision in one line: what, and by which rule. */
export function Verdict({ simulation, onGo }: { simulation: Simulation; onGo: Go }) {
  const { code, rule } = simulation;
  return (
    <div role="status" className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
      <DecisionBadge code={code} />
      <code className="shrink-0 text-ink-muted text-xs">{code}</code>
      <span className="ml-auto min-w-0 max-w-full">
        <Place pointer={rule} onGo={onGo} />
      </span>
    </div>
  );
}

/** A place in the document, as a way to it where there is one. */
function Place({ pointer, onGo }: { pointer: string; onGo: Go }) {
  if (!pointer.startsWith("/")) return <span className="font-mono text-ink-muted text-xs">{pointer}</span>;
  return (
    <button
      type="button"
      title={`Go to ${pointer}`}
      onClick={() => onGo(pointer)}
      className="inline-flex max-w-full items-center gap-1 rounded align-bottom font-mono text-accent text-xs hover:underline"
    >
      {/* From the right: the end of a pointer says most. */}
      <bdi dir="rtl" className="min-w-0 truncate">
        <bdi dir="ltr">{pointer}</bdi>
      </bdi>
      <ArrowRight aria-hidden="true" className="size-3 shrink-0" />
    </button>
  );
}

/** What the agent gets, what is counted, and how it came to that. */
export function Outcome({
  simulation,
  document,
  tool,
  args,
  onGo,
}: {
  simulation: Simulation;
  document: PolicyDocument;
  tool: string;
  args: unknown;
  onGo: Go;
}) {
  const lines = traceLines(simulation, document, args);
  return (
    <div className="grid gap-4">
      <AgentReads simulation={simulation} tool={tool} />
      {simulation.taken.length > 0 && (
        <section className="grid gap-2" aria-label="Limits">
          <h3 className="font-semibold text-ink text-sm">What it takes from limits</h3>
          {simulation.taken.map((taken) => (
            <TakenBar key={taken.rule} taken={taken} isTaken={simulation.code !== "rate_limited"} onGo={onGo} />
          ))}
        </section>
      )}
      <section className="grid gap-2" aria-label="Steps">
        <h3 className="font-semibold text-ink text-sm">How it was decided</h3>
        <TraceList lines={lines} onGo={onGo} />
      </section>
    </div>
  );
}

/** The steps of a decision. */
export function TraceList({ lines, onGo }: { lines: readonly TraceLine[]; onGo: Go }) {
  return (
    <ol className="grid gap-1.5">
      {lines.map((line) => (
        <TraceRow key={`${line.title} ${line.pointer} ${line.words}`} line={line} onGo={onGo} />
      ))}
    </ol>
  );
}

function AgentReads({ simulation, tool }: { simulation: Simulation; tool: string }) {
  const answer = agentAnswer(simulation, tool);
  if (answer === null) {
    const { timeoutS, message } = simulation;
    return (
      <section className="grid gap-1.5" aria-label="What happens">
        <h3 className="font-semibold text-ink text-sm">What happens</h3>
        <p className="text-pretty text-ink-muted text-sm">
          {timeoutS === undefined
            ? "The call goes to the server; the agent reads the tool's own answer."
            : `The call waits up to ${durationWords(timeoutS)} for a person, who reads: “${message}” Then it goes to the server, or is refused.`}
        </p>
      </section>
    );
  }
  const meta = answer.kind === "result" ? JSON.stringify({ "policylayer/decision": answer.meta }, null, 2) : null;
  return (
    <section className="grid gap-1.5" aria-label="What the agent reads">
      <div className="flex items-center justify-between gap-3">
        <h3 className="font-semibold text-ink text-sm">What the agent reads</h3>
        <CopyButton text={answer.text} label="Copy" variant="ghost" />
      </div>
      <div className="overflow-hidden rounded-md border bg-canvas">
        <p data-testid="agent-text" className="break-words px-3 py-2 font-mono text-ink text-xs">
          {answer.text}
        </p>
        <details className="border-t">
          <summary className="px-3 py-1.5 text-ink-muted text-xs hover:text-ink">
            {meta === null ? "As a JSON-RPC error" : "With _meta, for programs"}
          </summary>
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
            tabIndex={0}
            className="overflow-x-auto px-3 pb-2 font-mono text-ink-muted text-xs"
          >
            <ColouredJson text={meta ?? JSON.stringify({ code: -32602, message: answer.text }, null, 2)} />
          </pre>
        </details>
      </div>
    </section>
  );
}

/** Like: 3 of 10 used, this call takes 1. */
function TakenBar({ taken, isTaken, onGo }: { taken: Taken; isTaken: boolean; onGo: Go }) {
  const { used, amount, max, fits, rule } = taken;
  const share = (part: number) => `${max === 0 ? 100 : Math.min(100, (100 * part) / max)}%`;
  return (
    <div className="grid gap-1">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 text-sm">
        <span className={cn("text-ink tabular-nums", !fits && "text-danger")}>
          {fits
            ? `${sum(used + (isTaken ? amount : 0))} of ${max}`
            : `${used} of ${max} used, ${amount} more does not fit`}
          {fits && <span className="text-ink-muted">{isTaken ? ` with this call (${amount})` : " used"}</span>}
        </span>
        <span className="min-w-0 truncate">
          <Place pointer={rule} onGo={onGo} />
        </span>
      </div>
      <span aria-hidden="true" className="flex h-1.5 overflow-hidden rounded-full bg-line">
        <span style={{ width: share(used) }} className={cn("h-full", fits ? "bg-ink-faint" : "bg-danger-solid")} />
        {fits && isTaken && <span style={{ width: share(amount) }} className="h-full bg-accent" />}
      </span>
    </div>
  );
}

function sum(value: number): number {
  return Number(value.toFixed(9));
}

const outcomes = {
  passes: { Icon: Check, look: "text-ink-faint", words: "passes" },
  reserves: { Icon: Gauge, look: "text-ink-faint", words: "is asked" },
  decides: { Icon: OctagonX, look: "text-danger", words: "decides" },
  full: { Icon: OctagonX, look: "text-danger", words: "has no room" },
} as const;

function TraceRow({ line, onGo }: { line: TraceLine; onGo: Go }) {
  const { Icon, look, words } = outcomes[line.outcome];
  const isDeciding = line.outcome === "decides" || line.outcome === "full";
  const conditions = line.conditions.length > 1 || line.conditions.some(({ outcome }) => outcome === "indeterminate");
  return (
    <li className={cn("flex gap-2 rounded-md px-2 py-1.5 text-sm", isDeciding ? "bg-raised" : "text-ink-muted")}>
      <Icon aria-hidden="true" className={cn("mt-0.5 size-4 shrink-0", look)} />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <span className="font-medium text-ink">{line.title}</span>
          {line.whose && <span className="min-w-0 truncate text-ink-muted text-xs">{line.whose}</span>}
          <span className="ml-auto shrink-0 text-ink-muted text-xs">{words}</span>
        </p>
        {!conditions && line.words && (
          <p className="text-pretty break-words">
            {line.words}
            {line.conditions[0] && <Seen condition={line.conditions[0]} />}
          </p>
        )}
        {conditions && (
          <ul className="mt-0.5 grid gap-0.5">
            {line.conditions.map((condition) => (
              <ConditionRow key={condition.pointer} condition={condition} />
            ))}
          </ul>
        )}
        {isDeciding && line.pointer && (
          <button
            type="button"
            onClick={() => onGo(line.pointer ?? "")}
            className="mt-0.5 rounded text-accent text-xs hover:underline"
          >
            Go to this rule
          </button>
        )}
      </div>
    </li>
  );
}

const truths = {
  holds: { Icon: Check, words: "holds" },
  does_not_hold: { Icon: X, words: "does not hold" },
  indeterminate: { Icon: CircleHelp, words: "cannot be told, so it counts against the call" },
} as const;

function ConditionRow({ condition }: { condition: ConditionLine }) {
  const { Icon, words } = truths[condition.outcome];
  return (
    <li className="flex gap-1.5">
      <Icon aria-hidden="true" className="mt-1 size-3 shrink-0" />
      <span className="min-w-0 break-words">
        {condition.words}: {words}
        <Seen condition={condition} />
      </span>
    </li>
  );
}

function Seen({ condition: { seen } }: { condition: ConditionLine }) {
  if (seen === null) return null;
  return (
    <span className="text-ink-muted">
      {" "}
      (the call has <code className="text-ink text-xs">{seen}</code>)
    </span>
  );
}
