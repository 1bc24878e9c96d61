"use client";
import { Ban, Braces, Clock, Gauge, Hand, ListChecks, type LucideIcon, Trash2, Wallet } from "lucide-react";
import { useState } from "react";
import type { Block, PlacedBlock } from "../../../policy/blocks.ts";
import type { Problem } from "../../../policy/problems.ts";
import { Button } from "../../ui/button.tsx";
import { type BlockChange, problemAt } from "./block-change.ts";
import { CustomForm } from "./custom-form.tsx";
import { ApprovalForm, GuardForm } from "./group-form.tsx";
import { HoursForm } from "./hours-form.tsx";
import { LimitForm } from "./limit-form.tsx";

const looks: Record<Block["kind"], { title: string; about: string; Icon: LucideIcon }> = {
  rate_limit: { title: "Rate limit", about: "So many calls in a time.", Icon: Gauge },
  spend_limit: { title: "Spend limit", about: "What calls add up to in a time.", Icon: Wallet },
  must_be: { title: "Must be", about: "Refused unless all of this holds.", Icon: ListChecks },
  must_not_be: { title: "Must not be", about: "Refused when all of this holds.", Icon: Ban },
  hours: { title: "Only during hours", about: "Refused at any other time.", Icon: Clock },
  ask_when: { title: "Ask a person", about: "The call waits for a person when all of this holds.", Icon: Hand },
  custom: { title: "Custom", about: "A part of the rule that has no form.", Icon: Braces },
};

/**
 * The form of one block, for a popover at its chip. Every finished change is reported at once; what is not finished, or
 * could not be written, stays in its field.
 */
export function BlockEditor({
  placed,
  tool,
  timezone,
  problems,
  disabled,
  onChange,
  onRemove,
}: {
  placed: PlacedBlock;
  /** Null for a rule of several tools. */
  tool: { name: string; inputSchema?: unknown } | null;
  timezone: string | undefined;
  /** Those of the block's own rule. */
  problems: readonly Problem[];
  disabled: boolean;
  /**
   * `list` may be another one than the block's: hours over midnight are a denial of the day between, and a short form that
   * says more becomes an item of `limits`. The block then goes from where it is.
   */
  onChange: (change: BlockChange) => void;
  onRemove: () => void;
}) {
  const { block, at } = placed;
  const [kind, setKind] = useState(block.kind);
  // Conditions that come to be about the clock alone stay a list of conditions while somebody is at it.
  const isStillList = block.kind === "hours" && (kind === "must_be" || kind === "must_not_be");
  if (block.kind !== kind && !isStillList) setKind(block.kind);
  const { title, about, Icon } = looks[kind];
  const problem = kind === "custom" ? null : problemAt(problems, at, "");
  const shared = { placed, problems, disabled, onChange };
  const inputSchema = tool?.inputSchema;
  return (
    <section aria-label={title} className="grid w-full min-w-0 gap-3">
      <header className="flex items-start gap-2">
        <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-ink-muted" />
        <div className="min-w-0 flex-1">
          <h3 className="font-semibold text-base text-ink leading-5">{title}</h3>
          <p className="text-ink-muted text-xs">{about}</p>
        </div>
        {!disabled && (
          <Button
            size="iconSm"
            variant="ghost"
            aria-label="Remove this block"
            title="Remove this block"
            onClick={onRemove}
            className="hover:text-danger"
          >
            <Trash2 aria-hidden="true" />
          </Button>
        )}
      </header>
      {problem && (
        <p
          role={problem.severity === "error" ? "alert" : undefined}
          className="rounded-md border border-warn-line bg-warn-soft px-2.5 py-1.5 text-ink text-xs"
        >
          {problem.message}.
        </p>
      )}
      {(kind === "rate_limit" || kind === "spend_limit") && <LimitForm {...shared} inputSchema={inputSchema} />}
      {kind === "must_be" && <GuardForm {...shared} list="require" inputSchema={inputSchema} />}
      {kind === "must_not_be" && <GuardForm {...shared} list="deny_if" inputSchema={inputSchema} />}
      {kind === "ask_when" && <ApprovalForm {...shared} inputSchema={inputSchema} />}
      {kind === "hours" && block.kind === "hours" && <HoursForm {...shared} block={block} timezone={timezone} />}
      {kind === "custom" && <CustomForm {...shared} />}
    </section>
  );
}
