"use client";
import { Hand, Keyboard, Settings } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { useApproval, useApprovals, usePendingCount } from "@/app/_client/approvals.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs.tsx";
import { PageHeader } from "../page-header.tsx";
import { useUrlState } from "../use-url-state.ts";
import { ApprovalView } from "./approval-view.tsx";
import type { DecisionKeys } from "./decision-panel.tsx";
import { InboxRow } from "./inbox-row.tsx";
import { NoticesButton } from "./notices-button.tsx";
import { ShortcutHelp } from "./shortcut-help.tsx";
import { useShortcuts } from "./use-shortcuts.ts";

/** Calls that wait for a person, live; and those that did. */
export function Inbox() {
  const [tabParam, setTab] = useUrlState("tab");
  const tab = tabParam === "decided" ? "decided" : "pending";
  const approvals = useApprovals(tab);
  const items = approvals.data?.pages.flatMap((page) => page.items) ?? [];
  const { selected, select, step } = useSelection(
    items.map(({ id }) => id),
    tab,
  );
  const [helpOpen, setHelpOpen] = useState(false);
  const pendingCount = usePendingCount();
  const keys = useRef<DecisionKeys>(null);
  const router = useRouter();
  const shortcuts = useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    a: () => keys.current?.approve(),
    d: () => keys.current?.deny(),
    e: () => keys.current?.edit(),
    o: () => selected !== null && router.push(`/approvals/${selected}`),
    "?": () => setHelpOpen(true),
  });

  return (
    <>
      <PageHeader
        title="Approvals"
        description="Calls that a policy lets through only when a person says so. An approval is for the very call you see, and for one use."
        actions={
          <>
            <NoticesButton />
            <Button className="hidden lg:inline-flex" aria-keyshortcuts="?" onClick={() => setHelpOpen(true)}>
              <Keyboard aria-hidden="true" />
              Keys
            </Button>
            <Button asChild>
              <Link href="/settings/notifications">
                <Settings aria-hidden="true" />
                Webhooks and e-mail
              </Link>
            </Button>
          </>
        }
      />
      <Tabs value={tab} onValueChange={(next) => setTab(next === "pending" ? "" : next)}>
        <TabsList aria-label="Which approvals" className="mb-4">
          <TabsTrigger value="pending">Waiting{pendingCount > 0 && ` (${pendingCount})`}</TabsTrigger>
          <TabsTrigger value="decided">Decided</TabsTrigger>
        </TabsList>
        <TabsContent value={tab} tabIndex={-1}>
          <div data-wide="" className="grid items-start gap-4 lg:grid-cols-[minmax(19rem,24rem)_minmax(0,1fr)]">
            <Card className="overflow-hidden lg:sticky lg:top-4 lg:max-h-[calc(100dvh-2rem)] lg:overflow-y-auto">
              {approvals.isPending && <SkeletonRows label="Loading the approvals" rows={5} />}
              {approvals.isError && (
                <ErrorState
                  title="The approvals could not be loaded"
                  detail={troubleIn(approvals.error).detail}
                  onRetry={() => void approvals.refetch()}
                />
              )}
              {approvals.data && items.length === 0 && <Nothing tab={tab} />}
              <ul aria-label={tab === "pending" ? "Waiting" : "Decided"} className="divide-y">
                {items.map((item) => (
                  <InboxRow
                    key={item.id}
                    approval={item}
                    selected={item.id === selected}
                    onSelect={() => select(item.id)}
                  />
                ))}
              </ul>
              {approvals.hasNextPage && (
                <div className="border-t p-3 text-center">
                  <Button loading={approvals.isFetchingNextPage} onClick={() => void approvals.fetchNextPage()}>
                    Show more
                  </Button>
                </div>
              )}
            </Card>
            <div className="hidden lg:block">{selected !== null && <Selected id={selected} keys={keys} />}</div>
          </div>
        </TabsContent>
      </Tabs>
      <ShortcutHelp open={helpOpen} onOpenChange={setHelpOpen} isOn={shortcuts.isOn} onTurn={shortcuts.turn} />
    </>
  );
}

/**
 * Which one is looked at. It stays the one it is when others come or it leaves the list itself, so that a key never meets
 * another call than the one in sight.
 */
function useSelection(ids: readonly string[], tab: string) {
  const [selected, setSelected] = useState<string | null>(null);
  const place = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list, another choice
  useEffect(() => setSelected(null), [tab]);
  const first = ids[0];
  useEffect(() => {
    if (first !== undefined) setSelected((now) => now ?? first);
  }, [first]);
  const at = selected === null ? -1 : ids.indexOf(selected);
  if (at !== -1) place.current = at;
  return {
    selected,
    select: setSelected,
    step(by: 1 | -1) {
      // Where it stood before it left, the next one stands now.
      const next = at === -1 ? place.current + (by === 1 ? 0 : -1) : at + by;
      const id = ids[Math.max(0, Math.min(next, ids.length - 1))];
      if (id !== undefined) setSelected(id);
    },
  };
}

function Selected({ id, keys }: { id: string; keys: React.Ref<DecisionKeys> }) {
  const approval = useApproval(id);
  if (approval.isPending) {
    return (
      <Card>
        <SkeletonRows label="Loading the approval" rows={6} />
      </Card>
    );
  }
  if (approval.isError) {
    return (
      <ErrorState
        title="The approval could not be loaded"
        detail={troubleIn(approval.error).detail}
        onRetry={() => void approval.refetch()}
      />
    );
  }
  // Its own state for each: what was typed for one is not for another.
  return <ApprovalView key={id} approval={approval.data} ref={keys} />;
}

function Nothing({ tab }: { tab: "pending" | "decided" }) {
  return tab === "pending" ? (
    <EmptyState icon={<Hand />} title="Nothing waits">
      When an agent calls a tool that a policy puts under “Ask a person”, the call appears here at once.
    </EmptyState>
  ) : (
    <EmptyState icon={<Hand />} title="Nothing decided yet">
      What was approved, denied or left to expire stays here.
    </EmptyState>
  );
}
