"use client";
import { Check, Circle } from "lucide-react";
import { signIn } from "next-auth/react";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { SecretInput } from "@/components/ui/secret-input.tsx";
import { safeCallbackPath, withCallback } from "../callback-url.ts";
import { OtherProviders } from "../other-providers.tsx";

const passwordLengthMin = 12;

/** Only a first look; the API decides. */
function looksLikeEmail(text: string): boolean {
  return /^\S+@\S+$/.test(text.trim());
}

/** @param props.callbackUrl The page that was asked for before there was an account. */
export function SignupForm({ callbackUrl }: { callbackUrl: string | null }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [organisation, setOrganisation] = useState("");
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  const longEnough = [...password].length >= passwordLengthMin;
  const emailMessage =
    (trouble?.code === "email_taken"
      ? "There is an account with this e-mail address already. Sign in instead."
      : null) ??
    fieldError(trouble, "email") ??
    (tried && !looksLikeEmail(email) ? "Enter your e-mail address, like ada@example.com." : null);
  const passwordMessage =
    (trouble?.code === "password_too_common"
      ? "This password is among the first that are guessed. Choose another."
      : null) ??
    fieldError(trouble, "password") ??
    (tried && !longEnough ? `Use ${passwordLengthMin} characters or more.` : null);
  const elsewhere = trouble && !emailMessage && !passwordMessage;

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    setTrouble(null);
    if (pending || !looksLikeEmail(email) || !longEnough) return;
    setPending(true);
    const name = organisation.trim();
    const answer = await send("POST", "/signup", { email, password, ...(name ? { organisation: name } : {}) });
    if (!answer.ok) {
      setTrouble(answer.trouble);
      setPending(false);
      return;
    }
    const session = await signIn("credentials", { email: email.trim(), password, redirect: false });
    // A full load, so that nothing of a previous session stays in memory.
    const target = safeCallbackPath(callbackUrl, window.location.origin);
    window.location.assign(session?.ok ? target : withCallback("/signin", callbackUrl));
  }

  return (
    <>
      {/* Sent before its script is there, a form without a method would put the password into the address. */}
      <form method="post" noValidate className="grid gap-4" onSubmit={(event) => void submit(event)}>
        <Field label="Email" error={emailMessage}>
          {(control) => (
            <Input
              {...control}
              className="h-10"
              type="email"
              name="email"
              autoComplete="email"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Password"
          error={passwordMessage}
          hint={
            <span className={longEnough ? "flex gap-1.5 text-ok" : "flex gap-1.5"}>
              {longEnough ? (
                <Check aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
              ) : (
                <Circle aria-hidden="true" className="mt-1 size-3 shrink-0" />
              )}
              At least {passwordLengthMin} characters, and not a well-known password.
            </span>
          }
        >
          {(control) => (
            <SecretInput
              {...control}
              className="h-10"
              name="password"
              autoComplete="new-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <Field label="Organisation" optional hint="What to call your team here. You can leave it empty.">
          {(control) => (
            <Input
              {...control}
              className="h-10"
              name="organisation"
              autoComplete="organization"
              maxLength={100}
              value={organisation}
              onChange={(event) => setOrganisation(event.target.value)}
            />
          )}
        </Field>
        {elsewhere && (
          <Callout tone="danger" role="alert">
            {trouble.detail}
          </Callout>
        )}
        <Button type="submit" variant="primary" size="lg" loading={pending}>
          Create account
        </Button>
      </form>
      <OtherProviders callbackUrl={callbackUrl} />
    </>
  );
}
