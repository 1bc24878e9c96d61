"use client";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { SecretInput } from "@/components/ui/secret-input.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { CodeInput } from "./code-input.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";

const words = {
  codes: { title: "New recovery codes", about: "The old ones work no more.", submit: "Make new codes" },
  off: {
    title: "Turn off two-factor sign-in?",
    about: "Your password alone is enough to sign in then.",
    submit: "Turn off",
  },
} as const;

/** What is asked for password and code. */
export function ProofDialog({
  what,
  open,
  onOpenChange,
}: {
  what: keyof typeof words;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const client = useQueryClient();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [codes, setCodes] = useState<string[] | null>(null);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const { title, about, submit } = words[what];
  const elsewhere = trouble && !fieldError(trouble, "password") && !fieldError(trouble, "code");

  function change(next: boolean) {
    onOpenChange(next);
    if (next) return;
    setPassword("");
    setCode("");
    setCodes(null);
    setTrouble(null);
  }

  async function prove(event: FormEvent) {
    event.preventDefault();
    if (pending || password === "" || code.trim() === "") return;
    setPending(true);
    const proof = { password, code };
    const answer =
      what === "codes"
        ? await send<{ recoveryCodes: string[] }>("POST", "/account/two-factor/recovery-codes", proof)
        : await send<null>("DELETE", "/account/two-factor", proof);
    setPending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    await client.invalidateQueries({ queryKey: ["account"] });
    if (answer.value) return setCodes(answer.value.recoveryCodes);
    toast.success("Two-factor sign-in is off.");
    change(false);
  }

  return (
    <Dialog open={open} onOpenChange={change}>
      <DialogContent
        size="sm"
        title={title}
        description={codes ? "Each works once in the place of a code." : about}
        onInteractOutside={(event) => codes && event.preventDefault()}
      >
        {codes ? (
          <RecoveryCodes codes={codes} onDone={() => change(false)} />
        ) : (
          <form method="post" noValidate className="grid gap-4 pb-2" onSubmit={(event) => void prove(event)}>
            <Field label="Your password" error={fieldError(trouble, "password")}>
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
            <Field label="Code" hint="Of your app, or a recovery code." error={fieldError(trouble, "code")}>
              {(control) => <CodeInput {...control} value={code} onChange={setCode} />}
            </Field>
            {elsewhere && (
              <Callout tone="danger" role="alert">
                {trouble.detail}
              </Callout>
            )}
            <div className="flex justify-end gap-2">
              <DialogClose asChild>
                <Button>Cancel</Button>
              </DialogClose>
              <Button
                type="submit"
                variant={what === "off" ? "danger" : "primary"}
                loading={pending}
                disabled={password === "" || code.trim() === ""}
              >
                {submit}
              </Button>
            </div>
          </form>
        )}
      </DialogContent>
    </Dialog>
  );
}
