"use client";
import {
  CircleCheck,
  CircleSlash,
  Clock,
  Ellipsis,
  Pencil,
  RotateCw,
  ScrollText,
  ShieldCheck,
  Snowflake,
  Sun,
  Trash2,
} from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { GrantAnswer } from "@/app/api/v1/schemas.ts";
import { Badge, type BadgeTone } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { type GrantDialog, GrantDialogs } from "./grant-dialogs.tsx";

const looks: Record<GrantAnswer["status"], { label: string; tone: BadgeTone; Icon: typeof Clock }> = {
  active: { label: "Active", tone: "ok", Icon: CircleCheck },
  frozen: { label: "Frozen", tone: "hold", Icon: Snowflake },
  expired: { label: "Expired", tone: "neutral", Icon: Clock },
  revoked: { label: "Revoked", tone: "danger", Icon: CircleSlash },
};

export function GrantRow({
  grant,
  serverName,
  role,
}: {
  grant: GrantAnswer;
  serverName: string | null;
  role: "admin" | "policy_manager" | "viewer";
}) {
  const [dialog, setDialog] = useState<GrantDialog | null>(null);
  const { label, tone, Icon } = looks[grant.status];
  const isOver = grant.status === "revoked";
  return (
    <li className={`flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 ${isOver ? "opacity-75" : ""}`}>
      <div className="min-w-0 flex-1 basis-60">
        <div className="flex flex-wrap items-center gap-2">
          <span className="font-medium text-ink">{grant.label}</span>
          <Badge tone={tone}>
            <Icon aria-hidden="true" />
            {label}
          </Badge>
          <code className="font-mono text-ink-muted text-xs" title="The token's last characters">
            plg_…{grant.hint}
          </code>
        </div>
        <p className="text-ink-muted text-xs">
          {serverName && <>on {serverName} · </>}
          created <TimeAgo at={grant.createdAt} />
          {grant.rotatedAt && (
            <>
              {" · rotated "}
              <TimeAgo at={grant.rotatedAt} />
            </>
          )}
          {grant.expiresAt && (
            <>
              {Date.parse(grant.expiresAt) > Date.now() ? " · expires " : " · expired "}
              <TimeAgo at={grant.expiresAt} />
            </>
          )}
        </p>
      </div>
      <p className="text-sm">
        {grant.policyId ? (
          <Link
            href={`/policies/${grant.policyId}`}
            className="inline-flex items-center gap-1.5 rounded text-ink-muted hover:text-ink hover:underline"
          >
            <ShieldCheck aria-hidden="true" className="size-4" />
            {grant.policyName ?? "Policy"}
          </Link>
        ) : (
          <Badge tone="warn" title="Without a policy every call is refused">
            No policy
          </Badge>
        )}
      </p>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="icon" className="ml-auto" aria-label={`Actions for ${grant.label}`}>
            <Ellipsis aria-hidden="true" />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuItem asChild>
            <Link href={`/calls?grantId=${grant.id}`}>
              <ScrollText aria-hidden="true" />
              See its calls
            </Link>
          </DropdownMenuItem>
          {!isOver && role !== "viewer" && (
            <DropdownMenuItem onSelect={() => setDialog("policy")}>
              <ShieldCheck aria-hidden="true" />
              Change policy…
            </DropdownMenuItem>
          )}
          {!isOver && role === "admin" && (
            <>
              <DropdownMenuItem onSelect={() => setDialog("rename")}>
                <Pencil aria-hidden="true" />
                Rename…
              </DropdownMenuItem>
              <DropdownMenuItem onSelect={() => setDialog("rotate")}>
                <RotateCw aria-hidden="true" />
                Rotate token…
              </DropdownMenuItem>
              <DropdownMenuSeparator />
              <DropdownMenuItem onSelect={() => setDialog("freeze")}>
                {grant.frozen ? <Sun aria-hidden="true" /> : <Snowflake aria-hidden="true" />}
                {grant.frozen ? "Unfreeze…" : "Freeze…"}
              </DropdownMenuItem>
              <DropdownMenuItem danger onSelect={() => setDialog("revoke")}>
                <Trash2 aria-hidden="true" />
                Revoke…
              </DropdownMenuItem>
            </>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <GrantDialogs grant={grant} open={dialog} onClose={() => setDialog(null)} />
    </li>
  );
}
