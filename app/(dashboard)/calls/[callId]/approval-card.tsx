import Link from "next/link";
import type { CallStory } from "@/app/api/v1/call-schemas.ts";
import { DecisionBadge } from "@/components/decision-badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";

const statusWords: Record<string, string> = {
  pending: "Waits for a person.",
  approved: "Approved, and not used yet.",
  denied: "Denied.",
  expired: "Nobody decided in time, or the approval was not used in time.",
  used: "Approved and used.",
  cancelled: "Cancelled: what it was asked for is not there any more.",
};

/** What a person was asked, and the calls that belong to it. */
export function ApprovalCard({
  approval,
  related,
}: {
  approval: NonNullable<CallStory["approval"]>;
  related: CallStory["related"];
}) {
  return (
    <Card>
      <CardHeader
        title="Approval"
        actions={
          <Button asChild size="sm">
            <Link href={`/approvals/${approval.id}`}>Open</Link>
          </Button>
        }
      />
      <CardBody className="grid gap-2 text-sm">
        <p>{statusWords[approval.status] ?? approval.status}</p>
        {approval.decidedAt && (
          <p className="text-ink-muted">
            Decided {new Date(approval.decidedAt).toLocaleString("en-GB")}
            {approval.decidedBy && ` by ${approval.decidedBy}`}
            {approval.scope === "session" && ", for the rest of the session"}.
          </p>
        )}
        {approval.reason && <p className="[overflow-wrap:anywhere]">“{approval.reason}”</p>}
        {approval.edited && <p>The approver changed the arguments: both versions are with the approval.</p>}
        {related.length > 0 && (
          <>
            <p className="text-ink-muted text-xs">Other calls of this approval</p>
            <ul className="grid gap-1.5">
              {related.map(({ id, at, code }) => (
                <li key={id} className="flex flex-wrap items-center gap-2">
                  <Link href={`/calls/${id}`} className="rounded text-accent tabular-nums hover:underline">
                    {new Date(at).toLocaleString("en-GB")}
                  </Link>
                  <DecisionBadge code={code} />
                </li>
              ))}
            </ul>
          </>
        )}
      </CardBody>
    </Card>
  );
}
