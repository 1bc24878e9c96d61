"use client";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { Field } from "@/components/ui/field.tsx";
import { SecretInput } from "@/components/ui/secret-input.tsx";
import { toast } from "@/components/ui/toaster.tsx";

export function PasswordCard({ email }: { email: string }) {
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const elsewhere = trouble && !fieldError(trouble, "current") && !fieldError(trouble, "password");

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || current === "" || password === "") return;
    setPending(true);
    const answer = await send<{ sessions: number }>("PUT", "/account/password", { current, password });
    setPending(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    setTrouble(null);
    setCurrent("");
    setPassword("");
    const others = answer.value.sessions;
    toast.success(others === 0 ? "Password changed." : "Password changed. Your other browsers are signed out.");
    await client.invalidateQueries({ queryKey: ["sessions"] });
  }

  return (
    <Card>
      <CardHeader title="Password" description="Changing it signs every other browser out." />
      <CardBody>
        <form method="post" noValidate className="grid max-w-sm gap-4" onSubmit={(event) => void submit(event)}>
          {/* So that a password manager knows whose it is. */}
          <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
          <Field label="Current password" error={fieldError(trouble, "current")}>
            {(control) => (
              <SecretInput
                {...control}
                name="current"
                autoComplete="current-password"
                value={current}
                onChange={(event) => setCurrent(event.target.value)}
              />
            )}
          </Field>
          <Field label="New password" hint="12 characters or more." error={fieldError(trouble, "password")}>
            {(control) => (
              <SecretInput
                {...control}
                name="password"
                autoComplete="new-password"
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
          {elsewhere && (
            <Callout tone="danger" role="alert">
              {trouble.detail}
            </Callout>
          )}
          <div>
            <Button type="submit" loading={pending} disabled={current === "" || password === ""}>
              Change password
            </Button>
          </div>
        </form>
      </CardBody>
    </Card>
  );
}
