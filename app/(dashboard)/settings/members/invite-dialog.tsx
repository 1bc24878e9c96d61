"use client";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type * as z from "zod";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { roleWords } from "@/app/_client/members.ts";
import type { inviteCreated } from "@/app/api/v1/member-schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { ShownLink } from "./link-dialog.tsx";
import { RoleChoice } from "./member-dialogs.tsx";

type Made = z.infer<typeof inviteCreated>;

export function InviteDialog({
  open,
  onOpenChange,
  organisation,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  organisation: string;
}) {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("viewer");
  const [made, setMade] = useState<Made | null>(null);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  function change(next: boolean) {
    onOpenChange(next);
    if (next) return;
    setEmail("");
    setRole("viewer");
    setMade(null);
    setTrouble(null);
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending) return;
    setPending(true);
    const to = email.trim();
    const answer = await send<Made>("POST", "/invites", { role, ...(to && { email: to }) });
    setPending(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    setTrouble(null);
    setMade(answer.value);
    await client.invalidateQueries({ queryKey: ["invites"] });
  }

  return (
    <Dialog open={open} onOpenChange={change}>
      {made ? (
        <DialogContent
          size="sm"
          title="The invite"
          description="Copy the link now. It is not kept and cannot be shown again."
          onInteractOutside={(event) => event.preventDefault()}
        >
          <div className="grid gap-4 pb-2">
            <ShownLink url={made.url} />
            <Callout tone={made.email ? "info" : "warn"}>
              {made.email
                ? `Only an account with the address ${made.email} can take it.${made.mailed ? " It is on its way there as well." : ""}`
                : `Whoever opens it first joins ${organisation} as ${roleWords[made.role].title.toLowerCase()}.`}{" "}
              It works once, for a week. You can take it back until then.
            </Callout>
            <div className="flex justify-end">
              <Button variant="primary" onClick={() => change(false)}>
                Done
              </Button>
            </div>
          </div>
        </DialogContent>
      ) : (
        <DialogContent size="sm" title={`Invite somebody to ${organisation}`}>
          <form noValidate className="grid gap-4 pb-2" onSubmit={(event) => void submit(event)}>
            <RoleChoice value={role} onChange={setRole} />
            <Field
              label="Email"
              optional
              hint="Only an account with this address can take the invite. Leave it empty for a link that works for whoever has it."
              error={fieldError(trouble, "email")}
            >
              {(control) => (
                <Input
                  {...control}
                  type="email"
                  autoComplete="off"
                  placeholder="grace@example.com"
                  value={email}
                  onChange={(event) => setEmail(event.target.value)}
                />
              )}
            </Field>
            {trouble && !fieldError(trouble, "email") && (
              <Callout tone="danger" role="alert">
                {trouble.detail}
              </Callout>
            )}
            <div className="flex justify-end gap-2">
              <DialogClose asChild>
                <Button>Cancel</Button>
              </DialogClose>
              <Button type="submit" variant="primary" loading={pending}>
                Make invite link
              </Button>
            </div>
          </form>
        </DialogContent>
      )}
    </Dialog>
  );
}
