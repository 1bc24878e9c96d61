"use client";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Field } from "@/components/ui/field.tsx";
import { SecretInput } from "@/components/ui/secret-input.tsx";

export function NewPasswordForm({ token, email }: { token: string; email: string }) {
  const [password, setPassword] = useState("");
  const [pending, setPending] = useState(false);
  const [done, setDone] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || password === "") return;
    setPending(true);
    const answer = await send("POST", "/password-resets/use", { token, password });
    setPending(false);
    setTrouble(answer.ok ? null : answer.trouble);
    setDone(answer.ok);
  }

  if (done) {
    return (
      <div className="grid gap-4">
        <Callout tone="ok" role="status">
          Your password is set.
        </Callout>
        <Button asChild variant="primary" size="lg">
          <Link href="/signin">Sign in</Link>
        </Button>
      </div>
    );
  }
  return (
    <form method="post" noValidate className="grid gap-4" onSubmit={(event) => void submit(event)}>
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <Field
        label="New password"
        hint="12 characters or more, and not a well-known password."
        error={fieldError(trouble, "password") ?? trouble?.detail}
      >
        {(control) => (
          <SecretInput
            {...control}
            className="h-10"
            name="password"
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" size="lg" loading={pending} disabled={password === ""}>
        Set password
      </Button>
    </form>
  );
}
