import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { readInvite } from "@/app/_server/invites.ts";
import { Refusal, refusals } from "@/app/_server/refusals.ts";
import { readSession } from "@/app/_server/session.ts";
import { lookUpSession } from "@/app/_server/sessions.ts";
import { JoinForm } from "./join-form.tsx";

// The address is the invite: it goes to nobody else.
export const metadata: Metadata = { title: "Invite", referrer: "no-referrer", robots: { index: false } };

const roles = { admin: "an admin", policy_manager: "a policy manager", viewer: "a viewer" };

export default async function InvitePage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const head = await headers();
  const invite = await readInvite(token, head);
  if (invite instanceof Refusal) {
    return (
      <>
        <h1 className="font-semibold text-2xl text-ink tracking-tight">This invite does not work</h1>
        <p className="mt-2 text-ink-muted">
          {invite.code === "invite_gone"
            ? "It was used or taken back, or its week is over. Ask who sent it for another."
            : refusals[invite.code].title}
        </p>
        <p className="mt-6 text-sm">
          <Link href="/signin" className="font-medium text-accent underline-offset-4 hover:underline">
            Sign in
          </Link>
        </p>
      </>
    );
  }
  const session = await readSession(head);
  const signedIn = session && (await lookUpSession(session, head));
  const { organisation, role, email, invitedBy } = invite;
  return (
    <>
      <h1 className="break-words font-semibold text-2xl text-ink tracking-tight">Join {organisation.name}</h1>
      <p className="mt-1 mb-6 break-words text-ink-muted">
        {invitedBy ?? "Somebody"} invites you to work here as {roles[role]}.
      </p>
      <JoinForm
        token={token}
        organisation={organisation.name}
        invitedEmail={email}
        signedInAs={signedIn ? signedIn.account.email : null}
      />
    </>
  );
}
