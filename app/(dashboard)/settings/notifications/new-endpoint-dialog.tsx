"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { type EndpointCreated, notificationEvents, notificationKinds } from "@/app/api/v1/approval-schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { Dialog, DialogActions, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { eventWords, kindWords } from "./words.ts";

type Kind = (typeof notificationKinds)[number];
type EventName = (typeof notificationEvents)[number];

export function NewEndpointDialog({ email, onClose }: { email: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const eventsId = useId();
  const [kind, setKind] = useState<Kind>("webhook");
  const [target, setTarget] = useState("");
  const [events, setEvents] = useState<readonly EventName[]>(["approval.created"]);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [pending, setPending] = useState(false);
  const [created, setCreated] = useState<EndpointCreated | null>(null);
  const isMail = kind === "email";
  const field = isMail ? "email" : "url";

  async function create(): Promise<void> {
    setPending(true);
    setTrouble(null);
    const answer = await send<EndpointCreated>("POST", "/notifications/endpoints", {
      kind,
      [field]: target.trim(),
      events,
    });
    setPending(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    await client.invalidateQueries({ queryKey: ["notifications"] });
    if (answer.value.secret === null) onClose();
    else setCreated(answer.value);
  }

  if (created?.secret) {
    return (
      <Dialog open onOpenChange={(open) => !open && onClose()}>
        <DialogContent size="sm" title="Added" description="The signing secret is shown this once.">
          <div className="grid gap-3">
            <CodeBlock text={created.secret} label="Signing secret" wrap />
            <p className="text-pretty text-ink-muted text-sm">
              Each message has the header <code className="font-mono text-xs">PolicyLayer-Signature: t=…,v1=…</code>.
              Compare v1 with the HMAC-SHA256 (hex) of <code className="font-mono text-xs">t.body</code> under this
              secret.
            </p>
            <DialogActions>
              <DialogClose asChild>
                <Button variant="primary">Done</Button>
              </DialogClose>
            </DialogActions>
          </div>
        </DialogContent>
      </Dialog>
    );
  }
  const wrong = fieldError(trouble, field);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent size="sm" title="Send word of approvals">
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            void create();
          }}
        >
          <Field
            label="How"
            hint={!email && "E-mail is not set up here: whoever runs this installation has set no SMTP_URL."}
          >
            {(control) => (
              <Select
                {...control}
                value={kind}
                onValueChange={(next) => setKind(next as Kind)}
                options={notificationKinds
                  .filter((one) => email || one !== "email")
                  .map((one) => ({ value: one, label: kindWords[one] }))}
              />
            )}
          </Field>
          <Field
            label={isMail ? "E-mail address" : "URL"}
            error={wrong}
            hint={kind === "slack" && "An incoming webhook of Slack, or of anything that takes Slack’s messages."}
          >
            {(control) => (
              <Input
                {...control}
                required
                type={isMail ? "email" : "url"}
                autoComplete="off"
                placeholder={isMail ? "ops@example.com" : "https://example.com/hooks/policylayer"}
                value={target}
                onChange={(event) => setTarget(event.target.value)}
              />
            )}
          </Field>
          <fieldset className="grid gap-2">
            <legend id={eventsId} className="mb-1.5 font-medium text-sm">
              When
            </legend>
            {notificationEvents.map((name) => (
              <label key={name} className="flex w-fit items-center gap-2">
                <input
                  type="checkbox"
                  className="size-4 accent-accent"
                  checked={events.includes(name)}
                  onChange={({ target: { checked } }) =>
                    setEvents(checked ? [...events, name] : events.filter((one) => one !== name))
                  }
                />
                {eventWords[name]}
              </label>
            ))}
          </fieldset>
          {trouble && wrong === undefined && (
            <Callout tone="danger" role="alert">
              {fieldError(trouble, "events") ?? trouble.detail}
            </Callout>
          )}
          <DialogActions>
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant="primary" loading={pending} disabled={events.length === 0}>
              Add
            </Button>
          </DialogActions>
        </form>
      </DialogContent>
    </Dialog>
  );
}
