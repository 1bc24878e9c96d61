"use client";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";

export function AskForm() {
  const [email, setEmail] = useState("");
  const [pending, setPending] = useState(false);
  const [sent, setSent] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || email.trim() === "") return;
    setPending(true);
    const answer = await send("POST", "/password-resets", { email });
    setPending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    setSent(answer.ok);
  }

  if (sent) {
    return (
      <Callout tone="ok" role="status">
        If there is an account with this address, a link is on its way. It works for an hour.
      </Callout>
    );
  }
  return (
    <form method="post" noValidate className="grid gap-4" onSubmit={(event) => void submit(event)}>
      <Field label="Email" error={fieldError(trouble, "email") ?? trouble?.detail}>
        {(control) => (
          <Input
            {...control}
            className="h-10"
            type="email"
            name="email"
            autoComplete="username"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" size="lg" loading={pending} disabled={email.trim() === ""}>
        Mail me a link
      </Button>
    </form>
  );
}
