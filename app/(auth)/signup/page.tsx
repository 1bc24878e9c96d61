import type { Metadata } from "next";
import Link from "next/link";
import { withCallback } from "../callback-url.ts";
import { SignupForm } from "./signup-form.tsx";

export const metadata: Metadata = { title: "Create an account" };

export default async function SignupPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { callbackUrl: wanted } = await searchParams;
  const callbackUrl = typeof wanted === "string" ? wanted : null;
  return (
    <>
      <h1 className="font-semibold text-2xl text-ink tracking-tight">Create your account</h1>
      <p className="mt-1 mb-6 text-ink-muted">An e-mail address and a password. No card, no confirmation mail.</p>
      <SignupForm callbackUrl={callbackUrl} />
      <p className="mt-6 text-center text-ink-muted text-sm">
        Already have an account?{" "}
        <Link
          href={withCallback("/signin", callbackUrl)}
          className="font-medium text-accent underline-offset-4 hover:underline"
        >
          Sign in
        </Link>
      </p>
    </>
  );
}
