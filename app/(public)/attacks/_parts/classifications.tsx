"use client";
import { useState } from "react";
import { useHydrated } from "@/app/_client/use-hydrated.ts";
import { RiskBadge } from "@/components/risk-badge.tsx";
import { cn } from "@/components/ui/cn.ts";
import { classify } from "../../../../catalog/classify.ts";
import type { ToolDefinition } from "../../../../catalog/schema.ts";
import { Say, sayTicked } from "../../catalog/_parts/say.tsx";
import { visible } from "../../catalog/_parts/visible.ts";
import { asciiJson } from "./ascii-json.ts";
import { JsonBox } from "./json-box.tsx";

/** Definitions and what the classifier makes of them, by itself and while they are changed. */
export function Classifications({ tools }: { tools: readonly { definition: ToolDefinition; about: string }[] }) {
  return (
    <ul className="divide-y overflow-hidden rounded-lg border bg-surface">
      {tools.map(({ definition, about }) => (
        <li key={about}>
          <Classified definition={definition} about={about} />
        </li>
      ))}
    </ul>
  );
}

const signalsShownMax = 6;

function Classified({ definition, about }: { definition: ToolDefinition; about: string }) {
  const isHydrated = useHydrated();
  const [text, setText] = useState(() => asciiJson(definition, 2));
  const read = definitionIn(text);
  const { category, severity, signals, findings } = classify(read ?? definition);
  return (
    <div className="grid gap-2 px-4 py-3 text-sm">
      <p className="flex flex-wrap items-center gap-2 font-medium">
        {about}
        <span className="ml-auto">
          <RiskBadge category={category} severity={severity} />
        </span>
      </p>
      <p className="font-mono text-ink-muted text-xs [overflow-wrap:anywhere]">{asciiJson(read ?? definition)}</p>
      <ul className="grid gap-1 text-ink-muted text-xs">
        {signals.slice(0, signalsShownMax).map((signal) => (
          <li key={`${signal.id} ${signal.source} ${signal.quote}`} className="[overflow-wrap:anywhere]">
            <span className="text-ink">{signal.category}</span>: the {signal.source} says{" "}
            <q className="font-mono">{visible(signal.quote)}</q>
            {signal.weight < 0.5 && " (too weak to decide)"}
          </li>
        ))}
        {findings.map(({ code, message }) => (
          <li key={code} className="text-warn [overflow-wrap:anywhere]">
            <span className="font-medium">Look at this</span>: <Say said={sayTicked(message)} />
          </li>
        ))}
        {signals.length === 0 && <li>Nothing in it says what it does, so it counts as Other: high risk.</li>}
      </ul>
      <details className={cn(!isHydrated && "invisible")}>
        <summary className="w-fit rounded text-accent text-xs hover:underline">Change the definition</summary>
        <JsonBox
          className="mt-1"
          label="Definition"
          text={text}
          problem={read === null ? "A definition is one JSON object with a name." : null}
          onChange={setText}
        />
      </details>
    </div>
  );
}

function definitionIn(text: string): ToolDefinition | null {
  try {
    const value: unknown = JSON.parse(text);
    const hasName = typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
    return hasName ? (value as ToolDefinition) : null;
  } catch {
    return null;
  }
}
