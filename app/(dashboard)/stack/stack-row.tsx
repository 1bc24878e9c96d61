"use client";
import { BookOpen, ShieldAlert, Snowflake } from "lucide-react";
import Link from "next/link";
import { useId, useState } from "react";
import type { StackTool } from "@/app/api/v1/schemas.ts";
import { ReachBadge } from "@/components/reach-badge.tsx";
import { RiskBadge, severityLabel } from "@/components/risk-badge.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import { DisclosureButton } from "@/components/ui/disclosure.tsx";
import { reaches } from "@/policy/reach.ts";
import { CategoryControl, OwnCategoryBadge } from "../servers/[serverId]/category-control.tsx";
import { Evidence } from "../servers/[serverId]/evidence.tsx";

/** One tool; opened, it shows what its category rests on and which grants reach it. */
export function StackRow({ tool }: { tool: StackTool }) {
  const [open, setOpen] = useState(false);
  const detailsId = useId();
  const grantCount = reaches.reduce((sum, reach) => sum + tool.grantCounts[reach], 0);
  return (
    <li className="[contain-intrinsic-size:auto_3.5rem] [content-visibility:auto]">
      <div className="relative grid gap-x-4 gap-y-1 px-3 py-2.5 hover:bg-raised/50 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-center">
        <div className="min-w-0">
          <DisclosureButton
            open={open}
            aria-controls={detailsId}
            onClick={() => setOpen(!open)}
            className="max-w-full after:absolute after:inset-0"
          >
            <span className="truncate font-medium font-mono text-[0.8125rem] text-ink">{tool.name}</span>
          </DisclosureButton>
          <p className="ml-5 truncate text-ink-muted text-xs">
            {tool.server.name}
            <span aria-hidden="true"> · </span>
            {grantCount === 0 ? "no grants" : grantCount === 1 ? "1 grant" : `${grantCount} grants`}
          </p>
        </div>
        <div className="ml-5 flex flex-wrap items-center gap-1 sm:ml-0 sm:justify-end">
          {tool.state === "changed" && (
            <Badge tone="warn" title="The server now serves another definition than the one on record">
              changed
            </Badge>
          )}
          <OwnCategoryBadge tool={tool} />
          {tool.unprotected && (
            <Badge tone="danger" title="A grant reaches it without a limit, a condition or a person">
              <ShieldAlert aria-hidden="true" />
              unprotected
            </Badge>
          )}
          <span className="sr-only">reached</span>
          <ReachBadge reach={tool.reach} unprotected={tool.unprotected} />
          <span aria-hidden="true" className="mx-1 hidden w-12 text-right text-ink-muted text-xs sm:inline">
            {severityLabel[tool.severity]}
          </span>
          <span className="sm:w-24">
            <RiskBadge category={tool.category} severity={tool.severity} />
          </span>
        </div>
      </div>
      {open && (
        <div id={detailsId} className="grid gap-5 border-t bg-canvas px-4 py-4 sm:px-8">
          {tool.description && <p className="max-w-prose whitespace-pre-line text-sm">{tool.description}</p>}
          <Grants tool={tool} total={grantCount} />
          <Evidence tool={tool} />
          <CategoryControl serverId={tool.server.id} tool={tool} />
          <p className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
            <Link href={`/servers/${tool.server.id}`} className="text-accent underline-offset-4 hover:underline">
              {tool.server.name}
            </Link>
            {tool.catalogPath && (
              <Link
                href={tool.catalogPath}
                className="flex items-center gap-1.5 text-accent underline-offset-4 hover:underline"
              >
                <BookOpen aria-hidden="true" className="size-4" />
                In the catalog
              </Link>
            )}
          </p>
        </div>
      )}
    </li>
  );
}

function Grants({ tool, total }: { tool: StackTool; total: number }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid gap-1.5">
      <h2 id={id} className="font-medium text-sm">
        Who reaches it
      </h2>
      {total === 0 ? (
        <p className="text-ink-muted text-sm">No grant of this server is in use, so nobody can call it.</p>
      ) : (
        <ul className="grid gap-1">
          {tool.grants.map((grant) => (
            <li key={grant.id} className="flex flex-wrap items-center gap-x-2 gap-y-0.5 text-sm">
              <ReachBadge reach={grant.reach} unprotected={tool.unprotected && grant.reach === "freely"} />
              <span className="min-w-0 break-words font-medium">{grant.label}</span>
              {grant.frozen && (
                <Badge tone="hold" title="Frozen: this is what it reaches when it is released">
                  <Snowflake aria-hidden="true" />
                  frozen
                </Badge>
              )}
              <span className="text-ink-muted text-xs">
                {grant.policyId === null ? (
                  "has no policy, so everything is refused"
                ) : (
                  <>
                    by{" "}
                    <Link href={`/policies/${grant.policyId}`} className="underline underline-offset-4 hover:text-ink">
                      {grant.policyName}
                    </Link>
                    {grant.mode === "shadow" && ", which is only watched and refuses nothing"}
                  </>
                )}
              </span>
            </li>
          ))}
          {total > tool.grants.length && (
            <li className="text-ink-muted text-xs">and {total - tool.grants.length} more, which get no further</li>
          )}
        </ul>
      )}
    </section>
  );
}
