import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { readReset } from "@/app/_server/password-reset.ts";
import { Refusal, refusals } from "@/app/_server/refusals.ts";
import { NewPasswordForm } from "./new-password-form.tsx";

// The address sets a password: it goes to nobody else.
export const metadata: Metadata = { title: "New password", referrer: "no-referrer", robots: { index: false } };

export default async function NewPasswordPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const reset = await readReset(token, await headers());
  if (reset instanceof Refusal) {
    return (
      <>
        <h1 className="font-semibold text-2xl text-ink tracking-tight">This link does not work</h1>
        <p className="mt-2 text-ink-muted">
          {reset.code === "reset_gone"
            ? "It was used, a newer one was made, or its hour is over."
            : refusals[reset.code].title}
        </p>
        <p className="mt-6 text-sm">
          <Link href="/reset" className="font-medium text-accent underline-offset-4 hover:underline">
            Get another
          </Link>
        </p>
      </>
    );
  }
  return (
    <>
      <h1 className="font-semibold text-2xl text-ink tracking-tight">Set a new password</h1>
      <p className="mt-1 mb-6 break-words text-ink-muted">For {reset.email}. Every browser is signed out by it.</p>
      <NewPasswordForm token={token} email={reset.email} />
    </>
  );
}
