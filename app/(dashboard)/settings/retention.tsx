"use client";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble, troubleIn } from "@/app/_client/api.ts";
import { useRetention } from "@/app/_client/call-queries.ts";
import type { RetentionAnswer } from "@/app/api/v1/call-schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { toast } from "@/components/ui/toaster.tsx";

/** How long calls stay on record. */
export function Retention() {
  const retention = useRetention();
  return (
    <Card id="retention">
      <CardHeader
        title="How long calls are kept"
        description="A call goes with its week: it is kept for at least as many days, and a week longer at most. What is gone cannot be brought back."
      />
      <CardBody>
        {retention.isPending && <SkeletonRows label="Loading" rows={1} />}
        {retention.isError && <Callout tone="danger">{troubleIn(retention.error).detail}</Callout>}
        {retention.data && <RetentionForm key={retention.data.callRetentionDays} retention={retention.data} />}
      </CardBody>
    </Card>
  );
}

function RetentionForm({ retention }: { retention: RetentionAnswer }) {
  const client = useQueryClient();
  const [days, setDays] = useState(String(retention.callRetentionDays));
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [confirming, setConfirming] = useState(false);
  const callRetentionDays = Number(days);
  const isValid = Number.isInteger(callRetentionDays) && callRetentionDays >= 1 && callRetentionDays <= 730;

  const words = `${callRetentionDays} ${callRetentionDays === 1 ? "day" : "days"}`;

  // Fewer days take calls away for good.
  function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || !isValid) return;
    if (callRetentionDays < retention.callRetentionDays) setConfirming(true);
    else void save();
  }

  async function save(): Promise<string | null> {
    setPending(true);
    const answer = await send<RetentionAnswer>("PATCH", "/retention", { callRetentionDays });
    setPending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return answer.trouble.detail;
    client.setQueryData(["retention"], answer.value);
    toast.success(`Calls are kept for ${words}`);
    return null;
  }

  const { oldestAt } = retention;
  return (
    <>
      <form noValidate className="flex flex-wrap items-end gap-3" onSubmit={submit}>
        <Field
          label="Days"
          error={
            isValid ? (fieldError(trouble, "callRetentionDays") ?? trouble?.detail ?? null) : "Between 1 and 730 days."
          }
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              inputMode="numeric"
              min={1}
              max={730}
              className="w-28"
              value={days}
              onChange={(event) => setDays(event.target.value)}
            />
          )}
        </Field>
        <Button
          type="submit"
          loading={pending}
          disabled={!isValid || callRetentionDays === retention.callRetentionDays}
        >
          Save
        </Button>
        <p className="pb-2 text-ink-muted text-sm">
          {oldestAt === null
            ? "There is no call yet."
            : `The oldest call is of ${new Date(oldestAt).toLocaleDateString("en-GB", { dateStyle: "long" })}.`}
        </p>
      </form>
      <ConfirmDialog
        open={confirming}
        onOpenChange={setConfirming}
        title={`Keep calls for ${words} only?`}
        confirmLabel="Keep them shorter"
        onConfirm={save}
      >
        Calls that are older go, and cannot be brought back. Export them first if you may need them.
      </ConfirmDialog>
    </>
  );
}
