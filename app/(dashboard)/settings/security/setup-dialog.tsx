"use client";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { SecretInput } from "@/components/ui/secret-input.tsx";
import { CodeInput } from "./code-input.tsx";
import { QrCode } from "./qr-code.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";

type Begun = { secret: string; uri: string };

/** Three steps: the password, the app and a code of it, the recovery codes. */
export function SetupDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const client = useQueryClient();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [begun, setBegun] = useState<Begun | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  function change(next: boolean) {
    onOpenChange(next);
    if (next) return;
    setPassword("");
    setCode("");
    setBegun(null);
    setCodes(null);
    setTrouble(null);
  }

  async function begin(event: FormEvent) {
    event.preventDefault();
    if (pending || password === "") return;
    setPending(true);
    const answer = await send<Begun>("POST", "/account/two-factor", { password });
    setPending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (answer.ok) setBegun(answer.value);
  }

  async function confirm(event: FormEvent) {
    event.preventDefault();
    if (pending || code.trim() === "") return;
    setPending(true);
    const answer = await send<{ recoveryCodes: string[] }>("PUT", "/account/two-factor", { code });
    setPending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    setCodes(answer.value.recoveryCodes);
    await client.invalidateQueries({ queryKey: ["account"] });
  }

  const stay = (event: { preventDefault(): void }) => event.preventDefault();
  if (codes) {
    return (
      <Dialog open={open} onOpenChange={change}>
        <DialogContent
          size="sm"
          title="Two-factor sign-in is on"
          description="Keep these recovery codes where you keep your passwords. Each works once in the place of a code."
          onInteractOutside={stay}
        >
          <RecoveryCodes codes={codes} onDone={() => change(false)} />
        </DialogContent>
      </Dialog>
    );
  }
  return (
    <Dialog open={open} onOpenChange={change}>
      {begun ? (
        <DialogContent size="md" title="Add it to your authenticator app" onInteractOutside={stay}>
          <form noValidate className="grid gap-4 pb-2" onSubmit={(event) => void confirm(event)}>
            <div className="flex flex-wrap items-start gap-4">
              <QrCode text={begun.uri} label="QR code for your authenticator app" />
              <div className="grid min-w-0 flex-1 basis-52 gap-2 text-ink-muted text-sm">
                <p>Scan the code with your app. Or type this key into it, for codes by time with six digits:</p>
                <div className="flex items-center gap-2 rounded-md border bg-canvas py-1 pr-1.5 pl-3">
                  <code className="min-w-0 flex-1 break-all font-mono text-ink text-xs">
                    {begun.secret.match(/.{1,4}/g)?.join(" ")}
                  </code>
                  <CopyButton text={begun.secret} label="Copy key" variant="ghost" iconOnly />
                </div>
              </div>
            </div>
            <Field label="Code of the app" error={fieldError(trouble, "code") ?? trouble?.detail}>
              {(control) => <CodeInput {...control} value={code} onChange={setCode} />}
            </Field>
            <div className="flex justify-end gap-2">
              <DialogClose asChild>
                <Button>Cancel</Button>
              </DialogClose>
              <Button type="submit" variant="primary" loading={pending} disabled={code.trim() === ""}>
                Turn on
              </Button>
            </div>
          </form>
        </DialogContent>
      ) : (
        <DialogContent size="sm" title="Set up two-factor sign-in">
          <form method="post" noValidate className="grid gap-4 pb-2" onSubmit={(event) => void begin(event)}>
            <Callout>You need an authenticator app, such as one in your password manager or on your phone.</Callout>
            <Field label="Your password" error={fieldError(trouble, "password") ?? trouble?.detail}>
              {(control) => (
                <SecretInput
                  {...control}
                  name="password"
                  autoComplete="current-password"
                  value={password}
                  onChange={(event) => setPassword(event.target.value)}
                />
              )}
            </Field>
            <div className="flex justify-end gap-2">
              <DialogClose asChild>
                <Button>Cancel</Button>
              </DialogClose>
              <Button type="submit" variant="primary" loading={pending} disabled={password === ""}>
                Continue
              </Button>
            </div>
          </form>
        </DialogContent>
      )}
    </Dialog>
  );
}
