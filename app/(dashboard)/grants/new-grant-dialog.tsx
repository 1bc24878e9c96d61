"use client";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { reloadAll, usePolicies, useServers } from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { dateTrouble, expiresAt, expiryChoices } from "./expiry.ts";
import { type GrantCreated, TokenReveal } from "./token-reveal.tsx";

const noPolicy = "none";

/** Asks for label, policy and expiry; then shows the token, once. */
export function NewGrantDialog({
  open,
  onOpenChange,
  serverId,
  policyId,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  serverId: string | null;
  policyId: string | null;
}) {
  const [created, setCreated] = useState<GrantCreated | null>(null);

  function change(next: boolean) {
    onOpenChange(next);
    if (!next) setCreated(null);
  }

  return (
    <Dialog open={open} onOpenChange={change}>
      {created ? (
        <DialogContent
          size="lg"
          title="The grant is ready"
          description="Copy what you need now. The token is not kept and cannot be shown again."
          // A click beside the dialog must not lose the token.
          onInteractOutside={(event) => event.preventDefault()}
          footer={
            <Button variant="primary" onClick={() => change(false)}>
              Done
            </Button>
          }
        >
          <TokenReveal created={created} />
        </DialogContent>
      ) : (
        <DialogContent
          size="sm"
          title="New grant"
          description="A token for one agent. You see it once, in the next step."
        >
          <NewGrantForm serverId={serverId} policyId={policyId} onCreated={setCreated} />
        </DialogContent>
      )}
    </Dialog>
  );
}

function NewGrantForm({
  serverId,
  policyId,
  onCreated,
}: {
  serverId: string | null;
  policyId: string | null;
  onCreated: (created: GrantCreated) => void;
}) {
  const client = useQueryClient();
  const servers = useServers().data ?? [];
  const [chosenServer, setChosenServer] = useState<string | null>(null);
  const server = serverId ?? chosenServer ?? servers[0]?.id ?? null;
  const policies = (usePolicies().data ?? []).filter((policy) => policy.serverId === server);
  const [chosenPolicy, setChosenPolicy] = useState<string | null>(policyId);
  const policy =
    chosenPolicy === noPolicy ? null : (policies.find(({ id }) => id === chosenPolicy) ?? policies[0] ?? null);
  const [label, setLabel] = useState("");
  const [expiry, setExpiry] = useState<string>("never");
  const [date, setDate] = useState("");
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const wrongDate = dateTrouble(expiry, date, Date.now());

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    setTrouble(null);
    if (pending || !server || label.trim() === "" || wrongDate) return;
    setPending(true);
    const end = expiresAt(expiry, date, Date.now());
    const answer = await send<GrantCreated>("POST", `/servers/${server}/grants`, {
      label: label.trim(),
      ...(policy ? { policyId: policy.id } : {}),
      ...(end ? { expiresAt: end } : {}),
    });
    setPending(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    onCreated(answer.value);
    await reloadAll(client);
  }

  return (
    <form noValidate className="grid gap-4 pb-2" onSubmit={(event) => void submit(event)}>
      {serverId === null && (
        <Field label="Server">
          {(control) => (
            <Select
              {...control}
              value={server ?? ""}
              onValueChange={setChosenServer}
              placeholder="Choose a server"
              options={servers.map(({ id, name }) => ({ value: id, label: name }))}
            />
          )}
        </Field>
      )}
      <Field
        label="Label"
        hint="Who or what uses it. Rules can ask for it, and every call on record names it."
        error={fieldError(trouble, "label") ?? (tried && label.trim() === "" ? "Give the grant a label." : null)}
      >
        {(control) => (
          <Input
            {...control}
            maxLength={100}
            autoComplete="off"
            placeholder="Ada's laptop"
            value={label}
            onChange={(event) => setLabel(event.target.value)}
          />
        )}
      </Field>
      <Field label="Policy" error={fieldError(trouble, "policyId")}>
        {(control) => (
          <Select
            {...control}
            value={policy?.id ?? noPolicy}
            onValueChange={setChosenPolicy}
            options={[
              ...policies.map(({ id, name, mode }) => ({
                value: id,
                label: name,
                ...(mode === "shadow" ? { hint: "shadow" } : {}),
              })),
              { value: noPolicy, label: "No policy" },
            ]}
          />
        )}
      </Field>
      {!policy && <Callout tone="warn">Without a policy every call is refused.</Callout>}
      <Field label="Expires" error={tried || date ? wrongDate : null}>
        {(control) => (
          <div className="flex gap-2">
            <Select {...control} value={expiry} onValueChange={setExpiry} options={expiryChoices} />
            {expiry === "date" && (
              <Input type="date" aria-label="Date" value={date} onChange={(event) => setDate(event.target.value)} />
            )}
          </div>
        )}
      </Field>
      {trouble && trouble.errors.length === 0 && (
        <Callout tone="danger" role="alert" title="The grant was not made">
          {trouble.detail}
        </Callout>
      )}
      <div className="flex justify-end gap-2">
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" loading={pending} disabled={!server}>
          Create grant
        </Button>
      </div>
    </form>
  );
}
