import type { Metadata } from "next";
import Link from "next/link";
import { SigninForm } from "./signin-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function SigninPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { callbackUrl, error } = await searchParams;
  return (
    <>
      <h1 className="font-semibold text-2xl text-ink tracking-tight">Sign in</h1>
      <p className="mt-1 mb-6 text-ink-muted">Welcome back.</p>
      <SigninForm
        callbackUrl={typeof callbackUrl === "string" ? callbackUrl : null}
        failedBefore={typeof error === "string" ? error : null}
      />
      <p className="mt-6 text-center text-ink-muted text-sm">
        No account yet?{" "}
        <Link href="/signup" className="font-medium text-accent underline-offset-4 hover:underline">
          Create one
        </Link>
      </p>
    </>
  );
}
