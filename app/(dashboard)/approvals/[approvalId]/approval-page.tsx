"use client";
import { useRef, useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { useApproval } from "@/app/_client/approvals.ts";
import { FreezeGrant } from "../../brake/freeze-grant.tsx";
import { LoadingPage } from "../../loading-page.tsx";
import { MissingPage } from "../../missing-page.tsx";
import { PageHeader } from "../../page-header.tsx";
import { ApprovalView } from "../approval-view.tsx";
import type { DecisionKeys } from "../decision-panel.tsx";
import { ShortcutHelp } from "../shortcut-help.tsx";
import { useShortcuts } from "../use-shortcuts.ts";

/** The page that the agent's refusal names. */
export function ApprovalPage({ id }: { id: string }) {
  const approval = useApproval(id);
  const keys = useRef<DecisionKeys>(null);
  const [helpOpen, setHelpOpen] = useState(false);
  const shortcuts = useShortcuts({
    a: () => keys.current?.approve(),
    d: () => keys.current?.deny(),
    e: () => keys.current?.edit(),
    "?": () => setHelpOpen(true),
  });
  if (approval.isPending) return <LoadingPage label="Loading the approval" />;
  if (approval.isError) {
    return (
      <MissingPage
        what="approval"
        trouble={troubleIn(approval.error)}
        back={{ href: "/approvals", label: "All approvals" }}
        onRetry={() => void approval.refetch()}
      />
    );
  }
  const { tool, grantLabel, clientName, status } = approval.data;
  return (
    <div className="max-w-3xl">
      <PageHeader
        title={status === "pending" ? `Approve ${tool}?` : `Approval of ${tool}`}
        trail={[{ href: "/approvals", label: "Approvals" }]}
        description={`Asked by ${[clientName, grantLabel && `with the grant ${grantLabel}`].filter(Boolean).join(", ") || "an agent"}.`}
        actions={<FreezeGrant id={approval.data.grantId} />}
      />
      <ApprovalView approval={approval.data} ref={keys} />
      <ShortcutHelp open={helpOpen} onOpenChange={setHelpOpen} isOn={shortcuts.isOn} onTurn={shortcuts.turn} />
    </div>
  );
}
