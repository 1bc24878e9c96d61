"use client";
import Link from "next/link";
import { signIn, signOut } from "next-auth/react";
import { type FormEvent, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { SecretInput } from "@/components/ui/secret-input.tsx";
import { withCallback } from "../../callback-url.ts";

type Props = {
  token: string;
  organisation: string;
  /** Null: the invite is for whoever has the link. */
  invitedEmail: string | null;
  signedInAs: string | null;
};

/** Whoever is signed in joins with one click; others make an account, or sign in and come back. */
export function JoinForm(props: Props) {
  return props.signedInAs === null ? <NewAccount {...props} /> : <Join {...props} signedInAs={props.signedInAs} />;
}

function Join({ token, organisation, invitedEmail, signedInAs }: Props & { signedInAs: string }) {
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const isOther = invitedEmail !== null && invitedEmail !== signedInAs;

  async function join() {
    setPending(true);
    const answer = await send("POST", "/invites/accept", { token });
    if (answer.ok) return window.location.assign("/overview");
    setPending(false);
    setTrouble(answer.trouble);
  }

  return (
    <div className="grid gap-4">
      <p className="break-words">
        You are signed in as <span className="font-medium">{signedInAs}</span>.
      </p>
      {isOther ? (
        <Callout tone="warn">The invite is for {invitedEmail}. Sign out, then open the link again.</Callout>
      ) : (
        <Button variant="primary" size="lg" loading={pending} onClick={() => void join()}>
          Join {organisation}
        </Button>
      )}
      {trouble && (
        <Callout tone="danger" role="alert">
          {trouble.detail}
        </Callout>
      )}
      <Button variant="ghost" onClick={() => void signOut({ redirect: false }).then(() => window.location.reload())}>
        Use another account
      </Button>
    </div>
  );
}

function NewAccount({ token, organisation, invitedEmail }: Props) {
  const [email, setEmail] = useState(invitedEmail ?? "");
  const [password, setPassword] = useState("");
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const here = `/invite/${token}`;
  const emailMessage = fieldError(trouble, "email");
  const passwordMessage = fieldError(trouble, "password");

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (pending || email.trim() === "" || password === "") return;
    setPending(true);
    setTrouble(null);
    const answer = await send("POST", "/invites/signup", { token, email, password });
    if (!answer.ok) {
      setTrouble(answer.trouble);
      setPending(false);
      return;
    }
    const session = await signIn("credentials", { email: email.trim(), password, redirect: false });
    window.location.assign(session?.ok && !session.error ? "/overview" : "/signin");
  }

  return (
    <>
      {/* Sent before its script is there, a form without a method would put the password into the address. */}
      <form method="post" noValidate className="grid gap-4" onSubmit={(event) => void submit(event)}>
        <Field
          label="Email"
          hint={invitedEmail === null ? undefined : "The invite is for this address."}
          error={emailMessage}
        >
          {(control) => (
            <Input
              {...control}
              className="h-10"
              type="email"
              name="email"
              autoComplete="email"
              readOnly={invitedEmail !== null}
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label="Choose a password" hint="12 characters or more." error={passwordMessage}>
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
        {trouble && !emailMessage && !passwordMessage && (
          <Callout tone="danger" role="alert">
            {trouble.detail}
          </Callout>
        )}
        <Button
          type="submit"
          variant="primary"
          size="lg"
          loading={pending}
          disabled={email.trim() === "" || password === ""}
        >
          Create account and join {organisation}
        </Button>
      </form>
      <p className="mt-6 text-center text-ink-muted text-sm">
        Already have an account?{" "}
        <Link
          href={withCallback("/signin", here)}
          className="font-medium text-accent underline-offset-4 hover:underline"
        >
          Sign in and join
        </Link>
      </p>
    </>
  );
}
