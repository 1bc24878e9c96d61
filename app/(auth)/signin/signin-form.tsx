"use client";
import { signIn } from "next-auth/react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { SecretInput } from "@/components/ui/secret-input.tsx";
import { safeCallbackPath } from "../callback-url.ts";
import { OtherProviders } from "../other-providers.tsx";

const sentences: Record<string, string> = {
  CredentialsSignin: "The e-mail address or the password is not right.",
  rate_limited: "Too many attempts. Wait a few minutes, then try again.",
  OAuthAccountNotLinked: "This e-mail address already has an account. Sign in the way you did before.",
  EmailNotVerified: "That account has no verified e-mail address, so it cannot be used here.",
  SessionRequired: "Sign in to see that page.",
};

function sentenceFor(error: string): string {
  return sentences[error] ?? "Signing in did not work. Try again.";
}

export function SigninForm({ callbackUrl, failedBefore }: { callbackUrl: string | null; failedBefore: string | null }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<string | null>(failedBefore && sentenceFor(failedBefore));

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    setFailure(null);
    if (pending || email.trim() === "" || password === "") return;
    setPending(true);
    try {
      const session = await signIn("credentials", { email: email.trim(), password, redirect: false });
      if (session?.ok && !session.error) {
        window.location.assign(safeCallbackPath(callbackUrl, window.location.origin));
        return;
      }
      setFailure(sentenceFor(session?.error ?? ""));
    } catch {
      setFailure("PolicyLayer cannot be reached. Check that it is running, then try again.");
    }
    setPending(false);
  }

  return (
    <>
      {/* Sent before its script is there, a form without a method would put the password into the address. */}
      <form method="post" noValidate className="grid gap-4" onSubmit={(event) => void submit(event)}>
        <Field label="Email" error={tried && email.trim() === "" ? "Enter your e-mail address." : null}>
          {(control) => (
            <Input
              {...control}
              className="h-10"
              type="email"
              name="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label="Password" error={tried && password === "" ? "Enter your password." : null}>
          {(control) => (
            <SecretInput
              {...control}
              className="h-10"
              name="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        {failure && (
          <Callout tone="danger" role="alert">
            {failure}
          </Callout>
        )}
        <Button type="submit" variant="primary" size="lg" loading={pending}>
          Sign in
        </Button>
      </form>
      <OtherProviders callbackUrl={callbackUrl} />
    </>
  );
}
