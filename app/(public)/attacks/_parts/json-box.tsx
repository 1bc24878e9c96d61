"use client";
import { useId } from "react";
import { cn } from "@/components/ui/cn.ts";
import { Textarea } from "@/components/ui/textarea.tsx";
import { Say, sayTicked } from "../../catalog/_parts/say.tsx";

/** JSON that can be changed, with what is the matter with it. */
export function JsonBox({
  label,
  text,
  problem,
  onChange,
  className,
}: {
  label: string;
  text: string;
  /** Null when it can be used. */
  problem: string | null;
  onChange: (text: string) => void;
  className?: string;
}) {
  const id = useId();
  return (
    <div className={cn("grid gap-1", className)}>
      <label htmlFor={id} className="font-medium text-ink-muted text-xs">
        {label}
      </label>
      <Textarea
        id={id}
        value={text}
        spellCheck={false}
        autoComplete="off"
        rows={Math.min(22, text.split("\n").length + 1)}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        onChange={(event) => onChange(event.target.value)}
        className="font-mono text-xs leading-5"
      />
      {problem !== null && (
        <p id={`${id}-problem`} role="status" className="text-danger text-xs [overflow-wrap:anywhere]">
          <Say said={sayTicked(problem)} />
        </p>
      )}
    </div>
  );
}
