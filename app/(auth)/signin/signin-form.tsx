"use client";
import Link from "next/link";
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
  second_factor_needed: "Enter the code of your authenticator app.",
  second_factor_wrong: "The code is not right, or was used already. Wait for the next one.",
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
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
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
      const given = { email: email.trim(), password, ...(asksCode && { code }) };
      const session = await signIn("credentials", { ...given, redirect: false });
      if (session?.ok && !session.error) {
        window.location.assign(safeCallbackPath(callbackUrl, window.location.origin));
        return;
      }
      const error = session?.error ?? "";
      // The first time it is only the next question.
      setFailure(error === "second_factor_needed" && !asksCode ? null : sentenceFor(error));
      setAsksCode(error.startsWith("second_factor") || (asksCode && error === "rate_limited"));
      setCode("");
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
        {asksCode && (
          <Field label="Code" hint="Of your authenticator app. If you have lost it, one of your recovery codes.">
            {(control) => (
              <Input
                {...control}
                autoFocus
                className="h-10 font-mono tracking-wider"
                name="code"
                autoComplete="one-time-code"
                autoCapitalize="none"
                spellCheck={false}
                maxLength={40}
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            )}
          </Field>
        )}
        {failure && (
          <Callout tone="danger" role="alert">
            {failure}
          </Callout>
        )}
        <Button type="submit" variant="primary" size="lg" loading={pending}>
          Sign in
        </Button>
      </form>
      <p className="mt-3 text-center text-sm">
        <Link href="/reset" className="text-ink-muted underline-offset-4 hover:text-ink hover:underline">
          Forgot your password?
        </Link>
      </p>
      <OtherProviders callbackUrl={callbackUrl} />
    </>
  );
}
