"use client";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type * as z from "zod";
import { fieldError, send, type Trouble, troubleIn } from "@/app/_client/api.ts";
import type { ForwardAnswer, forwardChanged } from "@/app/api/v1/schemas.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { Switch } from "@/components/ui/switch.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { useForward } from "./queries.ts";

type Changed = z.infer<typeof forwardChanged>;
type Forward = NonNullable<ForwardAnswer["forward"]>;

/** Where the log is sent as it is sealed. */
export function ForwardCard() {
  const forward = useForward(true);
  const [secret, setSecret] = useState<string | null>(null);
  const current = forward.data?.forward ?? null;
  return (
    <Card>
      <CardHeader
        title="Send the log on"
        description="Each link is posted to an address as soon as it is sealed, as JSON lines, signed, and again until it is taken. What comes twice has the same number."
      />
      {forward.isPending && <SkeletonRows label="Loading where the log is sent" rows={1} />}
      {forward.isError && !forward.data && (
        <ErrorState
          title="It could not be loaded"
          detail={troubleIn(forward.error).detail}
          onRetry={() => void forward.refetch()}
        />
      )}
      {current && <Current forward={current} />}
      {forward.data && <Address isNew={current === null} onSecret={setSecret} />}
      <Dialog open={secret !== null} onOpenChange={(open) => !open && setSecret(null)}>
        {secret !== null && (
          <DialogContent
            size="sm"
            title="The log is sent there"
            description="The signing secret is shown this once."
            footer={
              <DialogClose asChild>
                <Button variant="primary">Done</Button>
              </DialogClose>
            }
          >
            <div className="grid gap-3">
              <CodeBlock text={secret} label="Signing secret" wrap />
              <p className="text-pretty text-ink-muted text-sm">
                Each message has the header <code className="font-mono text-xs">PolicyLayer-Signature: t=…,v1=…</code>.
                Compare v1 with the HMAC-SHA256 (hex) of <code className="font-mono text-xs">t.body</code> under this
                secret. <code className="font-mono text-xs">PolicyLayer-Delivery</code> ends with the number of the
                link.
              </p>
            </div>
          </DialogContent>
        )}
      </Dialog>
    </Card>
  );
}

function Current({ forward }: { forward: Forward }) {
  const client = useQueryClient();
  const [pending, setPending] = useState(false);
  const [ending, setEnding] = useState(false);
  const reload = () => client.invalidateQueries({ queryKey: ["evidence", "forward"] });

  async function toggle() {
    setPending(true);
    const answer = await send("PUT", "/evidence/forward", { enabled: !forward.enabled });
    setPending(false);
    if (!answer.ok) toast.error("That did not work", { description: answer.trouble.detail });
    await reload();
  }

  async function end(): Promise<string | null> {
    const answer = await send("DELETE", "/evidence/forward");
    await reload();
    return answer.ok ? null : answer.trouble.detail;
  }

  return (
    <CardBody className="grid gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1 basis-56">
          <p className="break-all font-medium">{forward.target}</p>
          <p className="mt-0.5 flex flex-wrap items-center gap-1.5 text-ink-muted text-xs">
            <Lag forward={forward} />
            {forward.lastSentAt && (
              <span>
                last taken <TimeAgo at={forward.lastSentAt} />
              </span>
            )}
          </p>
        </div>
        <Switch label="Send" checked={forward.enabled} pending={pending} onChange={() => void toggle()} />
        <Button size="sm" variant="dangerOutline" onClick={() => setEnding(true)}>
          Remove…
        </Button>
      </div>
      {forward.lastError && (
        <Callout
          tone="warn"
          title={`It was not taken, ${forward.attempts} ${forward.attempts === 1 ? "time" : "times"} in a row`}
        >
          {forward.lastError} It is tried again, at longer intervals; nothing is lost meanwhile.
        </Callout>
      )}
      <ConfirmDialog
        open={ending}
        onOpenChange={setEnding}
        title={`Send the log to ${forward.target} no more?`}
        confirmLabel="Remove"
        onConfirm={end}
      >
        The log itself stays as it is.
      </ConfirmDialog>
    </CardBody>
  );
}

function Lag({ forward: { behind, lagS, enabled } }: { forward: Forward }) {
  if (!enabled) return <Badge tone="neutral">held</Badge>;
  if (behind === 0) return <Badge tone="ok">up to date</Badge>;
  return (
    <Badge tone={lagS > 60 ? "warn" : "neutral"}>
      {behind} {behind === 1 ? "link" : "links"} behind, {lagS} s
    </Badge>
  );
}

function Address({ isNew, onSecret }: { isNew: boolean; onSecret: (secret: string) => void }) {
  const client = useQueryClient();
  const [url, setUrl] = useState("");
  const [fromStart, setFromStart] = useState(false);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || url.trim() === "") return;
    setPending(true);
    const from = fromStart ? "start" : "now";
    const answer = await send<Changed>("PUT", "/evidence/forward", { url: url.trim(), from });
    setPending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    setUrl("");
    if (answer.value.secret) onSecret(answer.value.secret);
    await client.invalidateQueries({ queryKey: ["evidence", "forward"] });
  }

  return (
    <CardBody>
      <form noValidate className="grid gap-3" onSubmit={(event) => void submit(event)}>
        <div className="flex flex-wrap items-start gap-2">
          <Field
            label={isNew ? "Address" : "Another address"}
            className="min-w-56 flex-1"
            error={fieldError(trouble, "url") ?? trouble?.detail}
          >
            {(control) => (
              <Input
                {...control}
                type="url"
                placeholder="https://logs.example.com/policylayer"
                value={url}
                onChange={(event) => setUrl(event.target.value)}
              />
            )}
          </Field>
          <Button type="submit" className="mt-6.5" loading={pending} disabled={url.trim() === ""}>
            {isNew ? "Send it there" : "Send it there instead"}
          </Button>
        </div>
        <label className="flex w-fit items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={fromStart}
            onChange={(event) => setFromStart(event.target.checked)}
          />
          From the first record on, not only what comes from now
        </label>
      </form>
    </CardBody>
  );
}
