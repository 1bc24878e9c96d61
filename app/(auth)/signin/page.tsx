import type { Metadata } from "next";
import Link from "next/link";
import { withCallback } from "../callback-url.ts";
import { SigninForm } from "./signin-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function SigninPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { callbackUrl: wanted, error } = await searchParams;
  const callbackUrl = typeof wanted === "string" ? wanted : null;
  return (
    <>
      <h1 className="font-semibold text-2xl text-ink tracking-tight">Sign in</h1>
      <p className="mt-1 mb-6 text-ink-muted">Welcome back.</p>
      <SigninForm callbackUrl={callbackUrl} failedBefore={typeof error === "string" ? error : null} />
      <p className="mt-6 text-center text-ink-muted text-sm">
        No account yet?{" "}
        <Link
          href={withCallback("/signup", callbackUrl)}
          className="font-medium text-accent underline-offset-4 hover:underline"
        >
          Create one
        </Link>
      </p>
    </>
  );
}
