"use client";
import { History } from "lucide-react";
import { useCallback } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { type AuditFilters, useAudit } from "@/app/_client/members.ts";
import { useMe } from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { PageHeader } from "../../page-header.tsx";
import { replaceParams, useUrlState } from "../../use-url-state.ts";
import { AuditFilterBar } from "./audit-filter-bar.tsx";
import { AuditRow } from "./audit-row.tsx";

const dayMs = 86_400_000;

/** What was changed here, by whom. The filters are in the address. */
export function AuditLog() {
  const role = useMe().data?.role;
  return (
    <>
      <PageHeader
        title="Audit log"
        description="Every change that a person or an API key made here, in the moment it was made. Nothing in it can be changed or deleted."
      />
      {role !== undefined && role !== "admin" ? (
        <Callout title="For admins" className="max-w-3xl">
          The audit log is read by the admins of your organisation.
        </Callout>
      ) : (
        <Changes enabled={role === "admin"} />
      )}
    </>
  );
}

function Changes({ enabled }: { enabled: boolean }) {
  const [action] = useUrlState("action");
  const [targetKind] = useUrlState("targetKind");
  const [targetId] = useUrlState("targetId");
  const [actorId] = useUrlState("actorId");
  const [fromDay] = useUrlState("from");
  const [toDay] = useUrlState("to");
  const values = { action, targetKind, targetId, actorId, from: fromDay, to: toDay };
  const audit = useAudit({ ...values, from: startOf(fromDay, 0), to: startOf(toDay, 1) }, enabled);
  const items = audit.data?.pages.flatMap((page) => page.items) ?? [];
  const change = useCallback((changes: Partial<AuditFilters>) => replaceParams(changes), []);
  const isFiltered = Object.values(values).some((value) => value !== "");
  const clear = () => change({ action: "", targetKind: "", targetId: "", actorId: "", from: "", to: "" });

  return (
    <>
      <AuditFilterBar values={values} onChange={change} onClear={isFiltered ? clear : null} />
      <Card>
        {audit.isPending && <SkeletonRows label="Loading the audit log" rows={6} />}
        {audit.isError && (
          <ErrorState
            title="The audit log could not be loaded"
            detail={troubleIn(audit.error).detail}
            onRetry={() => void audit.refetch()}
          />
        )}
        {audit.data && items.length === 0 && (
          <EmptyState
            icon={<History />}
            title={isFiltered ? "Nothing like that" : "Nothing yet"}
            actions={isFiltered && <Button onClick={clear}>Clear filters</Button>}
          >
            {isFiltered ? "No change on record fits these filters." : "Changes appear here as they are made."}
          </EmptyState>
        )}
        <ol aria-label="Changes" className="divide-y" aria-busy={audit.isPlaceholderData}>
          {items.map((event) => (
            <AuditRow key={event.id} event={event} onFilter={change} />
          ))}
        </ol>
        {audit.hasNextPage && (
          <div className="border-t p-3 text-center">
            <Button loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
              Show older changes
            </Button>
          </div>
        )}
      </Card>
    </>
  );
}

/** A day of the person's own calendar as a moment. `after`: so many days later, for the end of a day. Empty for no day. */
function startOf(day: string, after: number): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return "";
  const start = new Date(`${day}T00:00:00`);
  return Number.isNaN(start.getTime()) ? "" : new Date(start.getTime() + after * dayMs).toISOString();
}
