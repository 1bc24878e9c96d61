"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { reloadAll } from "@/app/_client/queries.ts";
import type { PolicyAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { toast } from "@/components/ui/toaster.tsx";

export function PolicySettings({ policy }: { policy: PolicyAnswer }) {
  return (
    <div className="grid max-w-3xl gap-4">
      <Rename policy={policy} />
      <Mode policy={policy} />
      <Delete policy={policy} />
    </div>
  );
}

function Rename({ policy }: { policy: PolicyAnswer }) {
  const client = useQueryClient();
  const [name, setName] = useState(policy.name);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || name.trim() === "") return;
    setPending(true);
    const answer = await send("PATCH", `/policies/${policy.id}`, { name: name.trim() });
    setPending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    toast.success("Renamed");
    await reloadAll(client);
  }

  return (
    <Card>
      <CardHeader title="Name" />
      <CardBody>
        <form noValidate className="flex flex-wrap items-end gap-2" onSubmit={(event) => void submit(event)}>
          <Field
            label="Policy name"
            className="min-w-56 flex-1"
            error={
              fieldError(trouble, "name") ?? trouble?.detail ?? (name.trim() === "" ? "Give the policy a name." : null)
            }
          >
            {(control) => (
              <Input {...control} maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
          <Button type="submit" loading={pending} disabled={name.trim() === "" || name.trim() === policy.name}>
            Rename
          </Button>
        </form>
      </CardBody>
    </Card>
  );
}

function Mode({ policy }: { policy: PolicyAnswer }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const isEnforced = policy.mode === "enforce";

  async function change(): Promise<string | null> {
    const answer = await send("PATCH", `/policies/${policy.id}`, { mode: isEnforced ? "shadow" : "enforce" });
    if (!answer.ok) return answer.trouble.detail;
    toast.success(isEnforced ? "The policy only watches now" : "The policy is enforced now");
    // Not waited for: the open dialog would turn into its own opposite under the person's finger.
    void reloadAll(client);
    return null;
  }

  return (
    <Card>
      <CardHeader
        title={isEnforced ? "This policy is enforced" : "This policy only watches (shadow)"}
        description={
          isEnforced
            ? "What it refuses is not done. In shadow mode every call would go through, and the log would say what had been refused."
            : "Every call goes through; the log says what would have been refused. Enforce it when that looks right."
        }
        actions={<Button onClick={() => setAsking(true)}>{isEnforced ? "Only watch…" : "Enforce…"}</Button>}
      />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={isEnforced ? "Stop enforcing this policy?" : "Enforce this policy?"}
        confirmLabel={isEnforced ? "Only watch" : "Enforce"}
        tone={isEnforced ? "danger" : "primary"}
        onConfirm={change}
      >
        {isEnforced
          ? "From the next call on, nothing is refused by this policy: every call of the grants that use it is forwarded."
          : "From the next call on, calls that it refuses are not made."}
      </ConfirmDialog>
    </Card>
  );
}

function Delete({ policy }: { policy: PolicyAnswer }) {
  const router = useRouter();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const inUse = policy.grantCount > 0;

  async function remove(): Promise<string | null> {
    const answer = await send("DELETE", `/policies/${policy.id}`);
    if (!answer.ok) return answer.trouble.detail;
    toast.success(`${policy.name} is deleted`);
    router.push(`/servers/${policy.serverId}?tab=policies`);
    client.removeQueries({ queryKey: ["policies", policy.id] });
    await reloadAll(client);
    return null;
  }

  return (
    <Card className="border-danger-line">
      <CardHeader
        title="Delete this policy"
        description={
          inUse
            ? "Grants use it. Give them another policy or revoke them first."
            : "Its versions go with it. The calls that it decided stay on record."
        }
        actions={
          <Button variant="dangerOutline" disabled={inUse} onClick={() => setAsking(true)}>
            Delete…
          </Button>
        }
      />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${policy.name}?`}
        confirmLabel="Delete policy"
        phrase={policy.name}
        onConfirm={remove}
      >
        It cannot be undone.
      </ConfirmDialog>
    </Card>
  );
}
