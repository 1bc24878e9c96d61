"use client";
import { Ghost, Rocket, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Exposure } from "../../policy/exposure.ts";
import type { Problem } from "../../policy/problems.ts";
import type { KnownTool } from "../../policy/reachable.ts";
import type { PolicyDocument } from "../../policy/schema.ts";
import { SentenceText } from "../sentence-text.tsx";
import { Button } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import { Dialog, DialogActions, DialogClose, DialogContent } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { Textarea } from "../ui/textarea.tsx";
import { BacktestPanel } from "./backtest-panel.tsx";
import { ChangeList } from "./change-list.tsx";
import { ExposureMeter } from "./exposure-meter.tsx";
import type { ChangedCall, RunBacktest } from "./proof.ts";
import type { PublishAnswer } from "./published.ts";

export type Publish = (note: string, how: "enforce" | "shadow") => Promise<PublishAnswer>;

/** Publishing with proof: what changes, what is doubtful, and what it would have done to the calls on record. */
export function PublishDialog({
  open,
  onOpenChange,
  ...proof
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
} & Omit<Parameters<typeof Proof>[0], "onDone">) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        size="lg"
        title="Publish this draft"
        description="It becomes a version that never changes and decides every call of the grants that use this policy."
      >
        <Proof {...proof} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}

function Proof({
  text,
  before,
  after,
  tools,
  exposures,
  warnings,
  runBacktest,
  callHref,
  publish,
  onDone,
}: {
  /** The draft. */
  text: string;
  /** What is enforced now; null when it cannot be read any more. */
  before: PolicyDocument | null;
  after: PolicyDocument | null;
  tools: readonly KnownTool[];
  exposures: { before: Exposure | null; now: Exposure | null };
  warnings: readonly Problem[];
  runBacktest: RunBacktest;
  callHref: (call: ChangedCall) => string;
  publish: Publish;
  onDone: () => void;
}) {
  const [note, setNote] = useState("");
  const [pending, setPending] = useState<"enforce" | "shadow" | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  async function confirm(how: "enforce" | "shadow") {
    if (pending) return;
    setPending(how);
    setFailure(null);
    const answer = await publish(note.trim(), how);
    setPending(null);
    if (answer.ok) onDone();
    else setFailure(answer.detail);
  }

  return (
    <form
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        void confirm("enforce");
      }}
    >
      <Step title="What changes">
        {before && after ? (
          <ChangeList before={before} after={after} tools={tools} />
        ) : (
          <p className="text-ink-muted text-sm">The live version cannot be compared.</p>
        )}
      </Step>
      <Step title="What can be called">
        <ExposureMeter before={exposures.before} now={exposures.now} />
      </Step>
      {warnings.length > 0 && (
        <Step title={warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable with the keyboard */}
          <ul aria-label="Warnings" tabIndex={0} className="grid max-h-36 gap-1 overflow-y-auto text-sm">
            {warnings.map(({ pointer, code, message, line }) => (
              <li key={`${pointer} ${code} ${message}`} className="flex items-start gap-2">
                <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-warn" />
                <span className="min-w-0 flex-1 break-words text-ink">
                  <SentenceText text={message} />
                </span>
                {line !== undefined && (
                  <span className="shrink-0 text-ink-muted text-xs tabular-nums">line {line}</span>
                )}
              </li>
            ))}
          </ul>
          <p className="mt-1 text-ink-muted text-xs">It can be published all the same.</p>
        </Step>
      )}
      <Step title="What it would have done">
        <BacktestPanel document={text} run={runBacktest} callHref={callHref} />
      </Step>
      <Field label="Note" optional hint="What changed and why, for the list of versions.">
        {(control) => (
          <Textarea
            {...control}
            rows={2}
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
      {failure && (
        <Callout tone="danger" role="alert">
          {failure}
        </Callout>
      )}
      <DialogActions>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button
          loading={pending === "shadow"}
          title="Decides beside the live version and refuses nothing"
          onClick={() => void confirm("shadow")}
        >
          <Ghost aria-hidden="true" />
          Run in shadow first
        </Button>
        <Button type="submit" variant="primary" loading={pending === "enforce"}>
          <Rocket aria-hidden="true" />
          Publish
        </Button>
      </DialogActions>
    </form>
  );
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 font-semibold text-ink text-sm">{title}</h3>
      {children}
    </section>
  );
}
