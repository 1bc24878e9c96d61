"use client";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { useMembers } from "@/app/_client/members.ts";
import { useMe } from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { PageHeader } from "../../page-header.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { InviteList } from "./invite-list.tsx";
import { MemberRow } from "./member-row.tsx";

export function MemberPanel() {
  const me = useMe().data;
  const members = useMembers();
  const [inviting, setInviting] = useState(false);
  const isAdmin = me?.role === "admin";

  return (
    <>
      <PageHeader
        title="Members"
        description={
          me && `Who works in ${me.organisation.name}, and what they may do. A change takes effect at their next click.`
        }
        actions={
          isAdmin && (
            <Button variant="primary" onClick={() => setInviting(true)}>
              <UserPlus aria-hidden="true" />
              Invite somebody
            </Button>
          )
        }
      />
      <div className="grid gap-4">
        <Card>
          {members.isPending && <SkeletonRows label="Loading the members" rows={3} />}
          {members.isError && (
            <ErrorState
              title="The members could not be loaded"
              detail={troubleIn(members.error).detail}
              onRetry={() => void members.refetch()}
            />
          )}
          {members.data && (
            <ul aria-label="Members" className="divide-y">
              {members.data.map((member) => (
                <MemberRow key={member.userId} member={member} manageable={isAdmin} />
              ))}
            </ul>
          )}
        </Card>
        {isAdmin && <InviteList onInvite={() => setInviting(true)} />}
      </div>
      {me && <InviteDialog open={inviting} onOpenChange={setInviting} organisation={me.organisation.name} />}
    </>
  );
}
