"use client";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type * as z from "zod";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { reloadAll } from "@/app/_client/queries.ts";
import type { freezeAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { BlastRadius } from "./blast-radius.tsx";
import { InForce } from "./in-force.tsx";
import { type BrakeTarget, consequences } from "./target.ts";

type Done = z.infer<typeof freezeAnswer>;

/** What the brake would take hold of, why it is pulled or released, and afterwards how long each gateway took. */
export function FreezeForm({
  target,
  onClose,
  typed,
}: {
  target: BrakeTarget;
  onClose: () => void;
  /** A reason that outlives this form, where another target can be chosen while one is typed. */
  typed?: { current: string };
}) {
  const { scope, id, name, frozen } = target;
  const client = useQueryClient();
  const [reason, setReason] = useState(typed?.current ?? "");
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const ready = !frozen || reason.trim() !== "";

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || !ready) return;
    setPending(true);
    setTrouble(null);
    const answer = await send<Done>("POST", "/freeze", {
      scope,
      ...(id ? { id } : {}),
      frozen: !frozen,
      ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
    });
    setPending(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    setDone(answer.value);
    void reloadAll(client);
  }

  if (done) {
    return (
      <div className="grid gap-4">
        <InForce title={frozen ? `${name} is no longer frozen` : `${name} is frozen`} {...done} />
        <div className="flex justify-end pb-2">
          <Button variant="primary" autoFocus onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    );
  }
  return (
    <form noValidate className="grid gap-4" onSubmit={(event) => void submit(event)}>
      <p className="text-pretty text-ink-muted">
        {frozen
          ? "It is frozen now. Once it is released, the policies decide again, from the next call on. What else is frozen stays frozen."
          : `${consequences[scope]}, from the next call on, until it is released. What is open is closed at once. Each refusal is on record.`}
      </p>
      {!frozen && <BlastRadius scope={scope} id={id} />}
      <Field
        label="Reason"
        optional={!frozen}
        hint={frozen ? "Goes on the audit log." : "On the audit log, and shown to everyone while it is frozen."}
        error={fieldError(trouble, "reason")}
      >
        {(control) => (
          <Input
            {...control}
            maxLength={500}
            value={reason}
            onChange={({ target: { value } }) => {
              setReason(value);
              if (typed) typed.current = value;
            }}
          />
        )}
      </Field>
      {trouble && !fieldError(trouble, "reason") && (
        <Callout tone="danger" role="alert">
          {trouble.detail}
        </Callout>
      )}
      <div className="flex justify-end gap-2 pb-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant={frozen ? "primary" : "danger"} disabled={!ready} loading={pending}>
          {frozen ? "Unfreeze" : "Freeze"}
        </Button>
      </div>
    </form>
  );
}
