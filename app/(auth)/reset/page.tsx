import type { Metadata } from "next";
import Link from "next/link";
import { sendsMail } from "@/app/_server/mail.ts";
import { AskForm } from "./ask-form.tsx";

export const metadata: Metadata = { title: "Forgot your password" };
// Whether mail is sent is known when the process runs, not when it is built.
export const dynamic = "force-dynamic";

export default function ResetPage() {
  return (
    <>
      <h1 className="font-semibold text-2xl text-ink tracking-tight">Forgot your password?</h1>
      {sendsMail() ? (
        <>
          <p className="mt-1 mb-6 text-ink-muted">We mail you a link by which you set a new one.</p>
          <AskForm />
        </>
      ) : (
        <div className="mt-2 grid gap-3 text-ink-muted">
          <p>This installation sends no mail. An admin of your organisation can make a link for you:</p>
          <p className="rounded-md border bg-raised px-3 py-2 text-ink text-sm">
            Settings → Members → the menu beside your name → Make a password link
          </p>
          <p>If you are the only admin, whoever runs this installation can help.</p>
        </div>
      )}
      <p className="mt-6 text-center text-sm">
        <Link href="/signin" className="font-medium text-accent underline-offset-4 hover:underline">
          Back to signing in
        </Link>
      </p>
    </>
  );
}
