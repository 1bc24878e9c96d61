"use client";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { reloadAll, usePolicies } from "@/app/_client/queries.ts";
import type { GrantAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { FreezeDialog } from "../brake/freeze-dialog.tsx";
import { type GrantCreated, TokenReveal } from "./token-reveal.tsx";

export type GrantDialog = "policy" | "rename" | "rotate" | "freeze" | "revoke";

/** The dialogs of one grant; at most one is open. */
export function GrantDialogs({
  grant,
  open,
  onClose,
}: {
  grant: GrantAnswer;
  open: GrantDialog | null;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [rotated, setRotated] = useState<GrantCreated | null>(null);
  const closing = (next: boolean) => {
    if (!next) onClose();
  };

  async function rotate(): Promise<string | null> {
    const answer = await send<GrantCreated>("POST", `/grants/${grant.id}/rotate`, {});
    if (!answer.ok) return answer.trouble.detail;
    setRotated(answer.value);
    await reloadAll(client);
    return null;
  }

  async function revoke(): Promise<string | null> {
    const answer = await send("DELETE", `/grants/${grant.id}`);
    if (!answer.ok) return answer.trouble.detail;
    toast.success(`${grant.label} is revoked`);
    await reloadAll(client);
    return null;
  }

  return (
    <>
      <Dialog open={open === "policy"} onOpenChange={closing}>
        <DialogContent size="sm" title={`Policy of ${grant.label}`} description="Takes effect on the next call.">
          <ChangePolicyForm grant={grant} onDone={onClose} />
        </DialogContent>
      </Dialog>
      <Dialog open={open === "rename"} onOpenChange={closing}>
        <DialogContent size="sm" title={`Rename ${grant.label}`}>
          <RenameForm grant={grant} onDone={onClose} />
        </DialogContent>
      </Dialog>
      <FreezeDialog
        open={open === "freeze"}
        onOpenChange={closing}
        scope="grant"
        id={grant.id}
        name={grant.label}
        frozen={grant.frozen}
      />
      <ConfirmDialog
        open={open === "rotate"}
        onOpenChange={closing}
        title={`Rotate the token of ${grant.label}?`}
        confirmLabel="Rotate token"
        tone="primary"
        onConfirm={rotate}
      >
        A new token is made and shown once. The present one stops working on the next call.
      </ConfirmDialog>
      <ConfirmDialog
        open={open === "revoke"}
        onOpenChange={closing}
        title={`Revoke ${grant.label}?`}
        confirmLabel="Revoke grant"
        onConfirm={revoke}
      >
        Its token stops working on the next call, for good. To stop it for a while, freeze it instead.
      </ConfirmDialog>
      <Dialog open={rotated !== null} onOpenChange={(next) => !next && setRotated(null)}>
        {rotated && (
          <DialogContent
            size="lg"
            title="The new token"
            description="Copy what you need now. The token is not kept and cannot be shown again."
            onInteractOutside={(event) => event.preventDefault()}
            footer={
              <Button variant="primary" onClick={() => setRotated(null)}>
                Done
              </Button>
            }
          >
            <TokenReveal created={rotated} />
          </DialogContent>
        )}
      </Dialog>
    </>
  );
}

const noPolicy = "none";

function ChangePolicyForm({ grant, onDone }: { grant: GrantAnswer; onDone: () => void }) {
  const client = useQueryClient();
  const policies = (usePolicies().data ?? []).filter((policy) => policy.serverId === grant.serverId);
  const [chosen, setChosen] = useState(grant.policyId ?? noPolicy);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending) return;
    setPending(true);
    const answer = await send("PATCH", `/grants/${grant.id}`, { policyId: chosen === noPolicy ? null : chosen });
    setPending(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    toast.success("Policy changed");
    await reloadAll(client);
    onDone();
  }

  return (
    <form className="grid gap-4 pb-2" onSubmit={(event) => void submit(event)}>
      <Field label="Policy" error={trouble?.detail}>
        {(control) => (
          <Select
            {...control}
            value={chosen}
            onValueChange={setChosen}
            options={[
              ...policies.map(({ id, name }) => ({ value: id, label: name })),
              { value: noPolicy, label: "No policy" },
            ]}
          />
        )}
      </Field>
      {chosen === noPolicy && <Callout tone="warn">Without a policy every call is refused.</Callout>}
      <div className="flex justify-end gap-2">
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" loading={pending}>
          Change policy
        </Button>
      </div>
    </form>
  );
}

function RenameForm({ grant, onDone }: { grant: GrantAnswer; onDone: () => void }) {
  const client = useQueryClient();
  const [label, setLabel] = useState(grant.label);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || label.trim() === "") return;
    setPending(true);
    const answer = await send("PATCH", `/grants/${grant.id}`, { label: label.trim() });
    setPending(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    await reloadAll(client);
    onDone();
  }

  return (
    <form className="grid gap-4 pb-2" onSubmit={(event) => void submit(event)}>
      <Field label="Label" error={fieldError(trouble, "label") ?? trouble?.detail}>
        {(control) => (
          <Input {...control} maxLength={100} value={label} onChange={(event) => setLabel(event.target.value)} />
        )}
      </Field>
      <div className="flex justify-end gap-2">
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" loading={pending} disabled={label.trim() === ""}>
          Rename
        </Button>
      </div>
    </form>
  );
}
