"use client";
import { useState } from "react";
import { DecisionBadge } from "@/components/decision-badge.tsx";
import type { DemonstrationCall } from "../../../../catalog/attacks/attack.ts";
import { denialText } from "../../../../policy/denial.ts";
import { Say, sayTicked } from "../../catalog/_parts/say.tsx";
import { asciiJson } from "./ascii-json.ts";
import type { DecidedCall } from "./decide-calls.ts";
import { JsonBox } from "./json-box.tsx";

/** One call: what the agent is up to, what it sends, what is decided and what it hears. */
export function CallRow({
  number,
  call,
  decision,
  onArguments,
}: {
  number: number;
  call: DemonstrationCall;
  decision: DecidedCall;
  /** Left out where nothing can be changed. */
  onArguments: ((args: Record<string, unknown>) => void) | undefined;
}) {
  const { code, rule } = decision;
  return (
    <li className="px-4 py-2.5 text-sm">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="flex min-w-0 items-baseline gap-2">
          <span className="w-6 shrink-0 text-right font-mono text-ink-faint text-xs tabular-nums">{number}</span>
          <span className="min-w-0 font-medium">
            <Say said={sayTicked(call.about)} />
          </span>
        </span>
        <span className="ml-auto flex flex-wrap items-center gap-2">
          <code className="font-mono text-ink-muted text-xs [overflow-wrap:anywhere]">{rule}</code>
          <DecisionBadge code={code} />
        </span>
      </div>
      <div className="mt-1 grid gap-1 pl-8">
        <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <p className="min-w-0 font-mono text-ink-muted text-xs [overflow-wrap:anywhere]">
            <span className="text-ink">{call.tool}</span> {asciiJson(call.arguments)}
            {call.atS > 0 && <span className="text-ink-faint"> after {call.atS} s</span>}
          </p>
          {onArguments && <Arguments key={asciiJson(call.arguments)} call={call} onArguments={onArguments} />}
        </div>
        {code !== "allowed" && <p className="text-pretty text-ink-muted text-xs">{answer(call, decision)}</p>}
      </div>
    </li>
  );
}

/** What the agent hears; what the gateway says before it asks the policy is said by it and not by the engine here. */
function answer({ tool, elsewhere, atTheDoor }: DemonstrationCall, { code, message }: DecidedCall): string {
  if (elsewhere)
    return `Unknown tool: ${tool}. This server has none of that name, so the gateway does not even ask the policy.`;
  if (code === "hidden") return `Unknown tool: ${tool}`;
  const asks =
    code === "approval_required"
      ? " A person has to approve this call. Make the same call again with the same arguments once it is approved."
      : "";
  const said = `${denialText(message)}${asks}`;
  return atTheDoor ? `${said} The gateway refuses such a message at the door already, as ambiguous JSON.` : said;
}

function Arguments({
  call,
  onArguments,
}: {
  call: DemonstrationCall;
  onArguments: (args: Record<string, unknown>) => void;
}) {
  const [text, setText] = useState(() => asciiJson(call.arguments, 2));
  const [problem, setProblem] = useState<string | null>(null);

  function use() {
    const args = objectIn(text);
    setProblem(args === null ? "Arguments are one JSON object." : null);
    if (args !== null) onArguments(args);
  }

  return (
    <details className="open:basis-full">
      <summary className="w-fit rounded text-accent text-xs hover:underline">
        Change<span className="sr-only"> the arguments of this call of {call.tool}</span>
      </summary>
      <form
        className="mt-1 grid gap-1.5"
        onSubmit={(event) => {
          event.preventDefault();
          use();
        }}
      >
        <JsonBox label={`Arguments of ${call.tool}`} text={text} problem={problem} onChange={setText} />
        <button type="submit" className="w-fit rounded font-medium text-accent text-xs hover:underline">
          Decide again
        </button>
      </form>
    </details>
  );
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
