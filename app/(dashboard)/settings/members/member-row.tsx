"use client";
import { useQueryClient } from "@tanstack/react-query";
import { KeyRound, LogOut, MoreHorizontal, ShieldOff, UserCog, UserMinus } from "lucide-react";
import { useState } from "react";
import { roleWords } from "@/app/_client/members.ts";
import type { MemberAnswer } from "@/app/api/v1/member-schemas.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { type MemberAct, MemberDialog } from "./member-dialogs.tsx";

export function MemberRow({ member, manageable }: { member: MemberAnswer; manageable: boolean }) {
  const client = useQueryClient();
  const [act, setAct] = useState<MemberAct | null>(null);
  const browsers = member.sessions === 1 ? "1 browser" : `${member.sessions} browsers`;

  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 break-all font-medium">{member.email}</span>
          {member.you && <Badge tone="accent">You</Badge>}
          {member.twoFactor && <Badge tone="ok">Two-factor</Badge>}
        </p>
        <p className="text-ink-muted text-xs">
          {member.seenAt ? (
            <>
              seen <TimeAgo at={member.seenAt} />, {browsers}
            </>
          ) : (
            "not signed in"
          )}{" "}
          · joined <TimeAgo at={member.joinedAt} />
        </p>
      </div>
      <span className="shrink-0 text-sm">{roleWords[member.role].title}</span>
      {manageable && (
        <>
          <DropdownMenu>
            <DropdownMenuTrigger asChild>
              <Button variant="ghost" size="icon" aria-label={`Actions for ${member.email}`}>
                <MoreHorizontal aria-hidden="true" />
              </Button>
            </DropdownMenuTrigger>
            <DropdownMenuContent>
              <DropdownMenuItem onSelect={() => setAct("role")}>
                <UserCog aria-hidden="true" />
                Change role
              </DropdownMenuItem>
              {!member.you && (
                <>
                  <DropdownMenuItem onSelect={() => setAct("sessions")} disabled={member.sessions === 0}>
                    <LogOut aria-hidden="true" />
                    Sign out everywhere
                  </DropdownMenuItem>
                  <DropdownMenuItem onSelect={() => setAct("reset")}>
                    <KeyRound aria-hidden="true" />
                    Make a password link
                  </DropdownMenuItem>
                  {member.twoFactor && (
                    <DropdownMenuItem onSelect={() => setAct("two-factor")}>
                      <ShieldOff aria-hidden="true" />
                      Take away the second factor
                    </DropdownMenuItem>
                  )}
                  <DropdownMenuSeparator />
                  <DropdownMenuItem danger onSelect={() => setAct("remove")}>
                    <UserMinus aria-hidden="true" />
                    Remove
                  </DropdownMenuItem>
                </>
              )}
            </DropdownMenuContent>
          </DropdownMenu>
          <MemberDialog
            member={member}
            act={act}
            onClose={() => setAct(null)}
            onDone={() => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "calls" })}
          />
        </>
      )}
    </li>
  );
}
