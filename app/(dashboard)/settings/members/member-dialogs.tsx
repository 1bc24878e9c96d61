"use client";
import { useState } from "react";
import { send } from "@/app/_client/api.ts";
import { roleWords } from "@/app/_client/members.ts";
import type { MemberAnswer } from "@/app/api/v1/member-schemas.ts";
import { Callout } from "@/components/ui/callout.tsx";
import { ChoiceCards } from "@/components/ui/choice-cards.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { LinkDialog } from "./link-dialog.tsx";

/** What an admin may do with a member. */
export type MemberAct = "role" | "sessions" | "reset" | "two-factor" | "remove";

type Props = { member: MemberAnswer; act: MemberAct | null; onClose: () => void; onDone: () => Promise<void> };

/** The question before each of them. */
export function MemberDialog(props: Props) {
  const { member, act, onClose, onDone } = props;
  const [link, setLink] = useState<string | null>(null);
  const path = `/members/${member.userId}`;

  const after = async <T,>(answer: ReturnType<typeof send<T>>): Promise<string | null> => {
    const answered = await answer;
    if (!answered.ok) return answered.trouble.detail;
    await onDone();
    return null;
  };
  const dialog = (which: MemberAct) => ({
    open: act === which,
    onOpenChange: (open: boolean) => !open && onClose(),
  });

  return (
    <>
      <RoleDialog {...props} />
      <ConfirmDialog
        {...dialog("sessions")}
        title={`Sign ${member.email} out?`}
        confirmLabel="Sign out everywhere"
        onConfirm={() => after(send("DELETE", `${path}/sessions`))}
      >
        Every browser of theirs has to sign in again. Their API keys keep working.
      </ConfirmDialog>
      <ConfirmDialog
        {...dialog("reset")}
        tone="primary"
        title={`A new password for ${member.email}?`}
        confirmLabel="Make link"
        onConfirm={async () => {
          const answer = await send<{ url: string }>("POST", `${path}/password-reset`);
          if (!answer.ok) return answer.trouble.detail;
          setLink(answer.value.url);
          return null;
        }}
      >
        Whoever opens the link sets the password of this account, once, within an hour. Hand it to nobody else. That you
        made it is on the audit log.
      </ConfirmDialog>
      <LinkDialog
        url={link}
        title="The link for a new password"
        description={`For ${member.email}. It works once, for an hour, and cannot be shown again.`}
        onClose={() => setLink(null)}
      />
      <ConfirmDialog
        {...dialog("two-factor")}
        title={`Take away the second factor of ${member.email}?`}
        confirmLabel="Take it away"
        onConfirm={() => after(send("DELETE", `${path}/two-factor`))}
      >
        Their password alone is enough to sign in then. For somebody who has lost both their authenticator and their
        recovery codes; make sure that it is them who asks.
      </ConfirmDialog>
      <ConfirmDialog
        {...dialog("remove")}
        title={`Remove ${member.email}?`}
        confirmLabel="Remove member"
        onConfirm={() => after(send("DELETE", path))}
      >
        They see nothing of this organisation any more. Their API keys and open invites end with it; servers, policies
        and grants stay.
      </ConfirmDialog>
    </>
  );
}

function RoleDialog({ member, act, onClose, onDone }: Props) {
  const [role, setRole] = useState<string>(member.role);
  return (
    <ConfirmDialog
      open={act === "role"}
      onOpenChange={(open) => {
        if (open) return;
        setRole(member.role);
        onClose();
      }}
      tone="primary"
      title={`The role of ${member.email}`}
      confirmLabel="Change role"
      onConfirm={async () => {
        const answer = await send("PATCH", `/members/${member.userId}`, { role });
        if (!answer.ok) return answer.trouble.detail;
        await onDone();
        return null;
      }}
    >
      <RoleChoice value={role} onChange={setRole} />
      {member.you && role !== "admin" && (
        <Callout tone="warn" className="mt-3">
          This is you: afterwards only another admin can make you one again.
        </Callout>
      )}
    </ConfirmDialog>
  );
}

export function RoleChoice({ value, onChange }: { value: string; onChange: (role: string) => void }) {
  const choices = Object.entries(roleWords).map(([role, words]) => ({ value: role, ...words }));
  return <ChoiceCards label="What they may do" value={value} onChange={onChange} choices={choices} columns={1} />;
}
