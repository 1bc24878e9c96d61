"use client";
import { useQueryClient } from "@tanstack/react-query";
import { PenLine } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { send, type Trouble, troubleIn } from "@/app/_client/api.ts";
import { useRecordedCall } from "@/app/_client/call-queries.ts";
import { reloadAll, usePolicy, useServer } from "@/app/_client/queries.ts";
import type { CallAnswer } from "@/app/api/v1/schemas.ts";
import { tellDraftSaved } from "@/components/policy-editor/draft-channel.ts";
import { TextDiff } from "@/components/policy-editor/text-diff.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Dialog, DialogContent } from "@/components/ui/dialog.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { applyEdits } from "../../../../policy/edit.ts";
import { type Choice, choices, conditionsOf, editsFor, isAboutValues } from "./rule-choices.ts";
import { ValueChoices } from "./value-choices.tsx";

/** Puts a rule about calls like this one into the draft of the policy that decided it, where it can be looked at before it counts. */
export function RuleDialog({ call, policy }: { call: CallAnswer; policy: { id: string; name: string } }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}>
        <PenLine aria-hidden="true" />
        Write a rule from this
      </Button>
      <Dialog open={open} onOpenChange={setOpen}>
        {open && <RuleForm call={call} policy={policy} />}
      </Dialog>
    </>
  );
}

function RuleForm({ call, policy }: { call: CallAnswer; policy: { id: string; name: string } }) {
  const router = useRouter();
  const client = useQueryClient();
  const draft = usePolicy(policy.id);
  const server = useServer(call.serverId);
  const [choice, setChoice] = useState<Choice>(call.code === "allowed" ? "ask" : "allow");
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const asksValues = isAboutValues(choice);
  const recorded = useRecordedCall(asksValues ? call.id : null);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const values = useMemo(
    () => (recorded.data ? conditionsOf(recorded.data.expectation.arguments, recorded.data.missing) : null),
    [recorded.data],
  );
  const conditions = useMemo(
    () => (values === null || values.length === 0 ? null : values.filter(({ path }) => !left.has(path))),
    [values, left],
  );
  const isReading = asksValues && recorded.isPending;
  const tool = server.data?.tools.find(({ name }) => name === call.tool);
  const before = draft.isFetchedAfterMount ? (draft.data?.draft ?? null) : null;
  const after = useMemo(
    () =>
      before === null || isReading
        ? null
        : applyEdits(before, editsFor(choice, call, tool ?? null, before, conditions)),
    [before, choice, call, tool, conditions, isReading],
  );

  async function save() {
    if (pending || after === null || !draft.data) return;
    setPending(true);
    const answer = await send("PUT", `/policies/${policy.id}/draft`, {
      document: after,
      seenRevision: draft.data.draftRevision,
    });
    setPending(false);
    if (!answer.ok) {
      setTrouble(answer.trouble);
      if (answer.trouble.code === "draft_moved_on") await draft.refetch();
      return;
    }
    tellDraftSaved(policy.id);
    await reloadAll(client);
    toast.success("The rule is in the draft", { description: "Nothing of it is enforced until you publish." });
    router.push(tryHref(policy.id, call));
  }

  const failed = draft.isError ? draft : server.isError ? server : recorded.isError ? recorded : null;
  return (
    <DialogContent
      size="lg"
      title="Write a rule from this call"
      description={`Into the draft of ${policy.name}: you look at it in the builder before anything is enforced.`}
      footer={
        <Button
          variant="primary"
          loading={pending}
          disabled={after === null || after === before}
          onClick={() => void save()}
        >
          Put it into the draft
        </Button>
      }
    >
      {failed && <Callout tone="danger">{troubleIn(failed.error).detail}</Callout>}
      <fieldset className="grid gap-1.5">
        <legend className="mb-1.5 font-medium text-sm">
          What should happen when <span className="font-mono">{call.tool}</span> is called
        </legend>
        {Object.entries(choices).map(([value, { label, about }]) => (
          <label
            key={value}
            className="flex cursor-pointer flex-wrap items-baseline gap-x-2 rounded-md border bg-surface px-3 py-2 text-sm hover:border-line-strong has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name="rule"
              value={value}
              checked={choice === value}
              onChange={() => setChoice(value as Choice)}
              className="accent-(--accent)"
            />
            <span className="font-medium">{label}</span>
            <span className="text-ink-muted">{about}</span>
          </label>
        ))}
      </fieldset>
      {asksValues && values !== null && (
        <ValueChoices
          choice={choice}
          values={values}
          missing={recorded.data?.missing ?? []}
          left={left}
          onLeave={setLeft}
        />
      )}
      <div className="mt-4">
        <p className="mb-1.5 font-medium text-sm">What changes in the draft</p>
        {(before === null || isReading) && !failed && <SkeletonRows label="Loading the draft" rows={4} />}
        {before !== null && after === before && (
          <p className="text-ink-muted text-sm">{nothingWords(choice, conditions?.length ?? null)}</p>
        )}
        {before !== null && after !== null && after !== before && (
          <TextDiff label="What changes in the draft" before={before} after={after} />
        )}
      </div>
      {trouble && (
        <Callout tone="danger" role="alert" className="mt-3">
          {trouble.detail}
        </Callout>
      )}
    </DialogContent>
  );
}

/** Where the call can be tried on the draft, with what is on record of its arguments. */
export function tryHref(policyId: string, call: Pick<CallAnswer, "id" | "tool">): string {
  return `/policies/${policyId}?${new URLSearchParams({ try: call.tool ?? "", call: call.id })}`;
}

function nothingWords(choice: Choice, conditions: number | null): string {
  if (isAboutValues(choice) && conditions === 0) return "Nothing yet: choose at least one argument.";
  if (choice === "except" && conditions === null) return "Nothing: no value says which calls are like this one.";
  if (choice === "except") return "Nothing: the draft refuses every call of this tool, or it has errors.";
  return "Nothing: the draft says so already, or it has errors that have to be mended first.";
}
