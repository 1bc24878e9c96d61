import type { Metadata } from "next";
import Link from "next/link";
import { SignupForm } from "./signup-form.tsx";

export const metadata: Metadata = { title: "Create an account" };

export default function SignupPage() {
  return (
    <>
      <h1 className="font-semibold text-2xl text-ink tracking-tight">Create your account</h1>
      <p className="mt-1 mb-6 text-ink-muted">An e-mail address and a password. No card, no confirmation mail.</p>
      <SignupForm />
      <p className="mt-6 text-center text-ink-muted text-sm">
        Already have an account?{" "}
        <Link href="/signin" className="font-medium text-accent underline-offset-4 hover:underline">
          Sign in
        </Link>
      </p>
    </>
  );
}
