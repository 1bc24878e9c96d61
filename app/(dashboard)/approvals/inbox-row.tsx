"use client";
import { Radio } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef } from "react";
import type { ApprovalAnswer } from "@/app/api/v1/approval-schemas.ts";
import { ApprovalStatusBadge } from "@/components/approvals/status-badge.tsx";
import { TimeLeft, useSecondsLeft } from "@/components/approvals/time-left.tsx";
import { RiskBadge } from "@/components/risk-badge.tsx";
import { cn } from "@/components/ui/cn.ts";
import { TimeAgo } from "@/components/ui/time-ago.tsx";

/** One approval in the list. On a wide screen it opens beside the list, else on a page of its own. */
export function InboxRow({
  approval,
  selected,
  onSelect,
}: {
  approval: ApprovalAnswer;
  selected: boolean;
  onSelect: () => void;
}) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (selected) link.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const held = useSecondsLeft(approval.heldUntil);
  const isPending = approval.status === "pending";
  return (
    <li>
      <Link
        ref={link}
        href={`/approvals/${approval.id}`}
        aria-current={selected ? "true" : undefined}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || !isWide()) return;
          event.preventDefault();
          onSelect();
        }}
        className={cn(
          "grid grid-cols-[minmax(0,1fr)] gap-1 border-l-2 border-l-transparent px-3.5 py-2.5 hover:bg-raised/60 focus-visible:outline-offset-[-2px]",
          selected && "lg:border-l-accent lg:bg-accent-soft/60",
        )}
      >
        <span className="flex items-center gap-2">
          <span className="min-w-0 truncate font-medium font-mono text-[0.8125rem] text-ink">{approval.tool}</span>
          <RiskBadge category={approval.category} severity={approval.severity} />
          <span className="ml-auto shrink-0 text-ink-muted text-xs">
            {isPending ? (
              <TimeLeft until={approval.expiresAt} />
            ) : (
              <TimeAgo at={approval.decidedAt ?? approval.createdAt} />
            )}
          </span>
        </span>
        <span className="truncate text-ink-muted text-xs">
          {[approval.grantLabel, approval.clientName, approval.serverName].filter(Boolean).join(" · ")}
        </span>
        <span className="flex items-center gap-2 text-xs">
          <span className="min-w-0 truncate text-ink-muted">{approval.message}</span>
          {isPending && held > 0 && (
            <span className="ml-auto inline-flex shrink-0 items-center gap-1 text-hold">
              <Radio aria-hidden="true" className="size-3" />
              Client waits
            </span>
          )}
          {!isPending && (
            <span className="ml-auto shrink-0">
              <ApprovalStatusBadge status={approval.status} />
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}

/** As the layout has it: Tailwind's `lg`. */
function isWide(): boolean {
  return window.matchMedia("(min-width: 64rem)").matches;
}
