"use client";
import { type FormEvent, useState } from "react";
import { send, type Trouble } from "@/app/_client/api.ts";
import { roleWords } from "@/app/_client/members.ts";
import { goToOrganisation } from "@/app/_client/organisation.ts";
import type { AccountAnswer } from "@/app/api/v1/member-schemas.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardHeader } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";

type Organisation = AccountAnswer["organisations"][number];

export function OrganisationCard({ account }: { account: AccountAnswer }) {
  const [leaving, setLeaving] = useState<Organisation | null>(null);
  const [making, setMaking] = useState(false);

  return (
    <Card>
      <CardHeader
        title="Organisations"
        description="What you are a member of. This browser shows one at a time."
        actions={<Button onClick={() => setMaking(true)}>New organisation</Button>}
      />
      <ul aria-label="Organisations" className="divide-y border-t">
        {account.organisations.map((organisation) => (
          <li key={organisation.id} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-x-2">
                <span className="break-words font-medium">{organisation.name}</span>
                {organisation.current && <Badge tone="accent">Shown here</Badge>}
              </p>
              <p className="text-ink-muted text-xs">{roleWords[organisation.role].title}</p>
            </div>
            {!organisation.current && (
              <Button
                size="sm"
                aria-label={`Go to ${organisation.name}`}
                onClick={() => void goToOrganisation(organisation.id)}
              >
                Go there
              </Button>
            )}
            <Button
              size="sm"
              variant="ghost"
              aria-label={`Leave ${organisation.name}`}
              onClick={() => setLeaving(organisation)}
            >
              Leave
            </Button>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        open={leaving !== null}
        onOpenChange={(open) => !open && setLeaving(null)}
        title={`Leave ${leaving?.name ?? "this organisation"}?`}
        confirmLabel="Leave"
        onConfirm={async () => {
          const answer = await send("DELETE", "/account/organisation", { organisationId: leaving?.id });
          if (!answer.ok) return answer.trouble.detail;
          window.location.assign("/overview");
          return null;
        }}
      >
        Your API keys for it end, and you see nothing of it any more. Only an invite brings you back.
      </ConfirmDialog>
      <NewOrganisationDialog open={making} onOpenChange={setMaking} />
    </Card>
  );
}

export function NewOrganisationDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const [name, setName] = useState("");
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || name.trim() === "") return;
    setPending(true);
    const answer = await send("POST", "/account/organisation", { name: name.trim() });
    if (answer.ok) return window.location.assign("/overview");
    setPending(false);
    setTrouble(answer.trouble);
  }

  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        size="sm"
        title="New organisation"
        description="With its own servers, policies and members. You are its admin."
      >
        <form noValidate className="grid gap-4 pb-2" onSubmit={(event) => void submit(event)}>
          <Field label="Name" error={trouble?.detail}>
            {(control) => (
              <Input
                {...control}
                maxLength={100}
                autoComplete="off"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <div className="flex justify-end gap-2">
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant="primary" loading={pending} disabled={name.trim() === ""}>
              Create organisation
            </Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
