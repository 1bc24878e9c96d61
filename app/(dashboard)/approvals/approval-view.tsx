"use client";
import { useQuery } from "@tanstack/react-query";
import { Hourglass, Radio } from "lucide-react";
import Link from "next/link";
import { type ReactNode, type Ref, useId } from "react";
import type { ApprovalDetail, RevealAnswer } from "@/app/api/v1/approval-schemas.ts";
import { ApprovalStatusBadge } from "@/components/approvals/status-badge.tsx";
import { TimeLeft, useSecondsLeft } from "@/components/approvals/time-left.tsx";
import { RiskBadge } from "@/components/risk-badge.tsx";
import { Card } from "@/components/ui/card.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { ArgumentView } from "./argument-view.tsx";
import { type DecisionKeys, DecisionPanel } from "./decision-panel.tsx";

/** Everything that a person needs to decide, the answer itself first. */
export function ApprovalView({
  approval: loaded,
  ref,
  heading: Heading = "h2",
}: {
  approval: ApprovalDetail;
  ref?: Ref<DecisionKeys>;
  heading?: "h1" | "h2";
}) {
  const approval = useRevealed(loaded);
  const { tool, message, rule, policyId, policyName, policyVersion, status } = approval;
  return (
    <Card className="overflow-hidden">
      <div className="grid gap-3 border-b px-4 py-4">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
          <Heading className="min-w-0 break-all font-mono font-semibold text-ink text-lg">{tool}</Heading>
          <RiskBadge category={approval.category} severity={approval.severity} />
          <ApprovalStatusBadge status={status} />
          {status === "pending" && (
            <span className="ml-auto inline-flex items-center gap-1.5 text-sm">
              <Hourglass aria-hidden="true" className="size-3.5 text-ink-muted" />
              <TimeLeft until={approval.expiresAt} />
            </span>
          )}
        </div>
        <p className="text-pretty text-ink">{message}</p>
        <Waiting approval={approval} />
        <DecisionPanel approval={approval} ref={ref} />
        <Outcome approval={approval} />
      </div>
      <Section title="Arguments">
        <ArgumentView approval={approval} />
      </Section>
      <Section title="Who asks">
        <dl className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm sm:grid-cols-[8rem_minmax(0,1fr)]">
          <Fact term="Grant">{approval.grantLabel ?? "a grant that is gone"}</Fact>
          <Fact term="Client">{approval.clientName ?? "did not say"}</Fact>
          <Fact term="Server">
            {approval.serverName ? (
              <Link href={`/servers/${approval.serverId}`} className="text-accent underline-offset-4 hover:underline">
                {approval.serverName}
              </Link>
            ) : (
              "a server that is gone"
            )}
          </Fact>
          <Fact term="Session">
            {approval.sessionId ? <code className="break-all font-mono text-xs">{approval.sessionId}</code> : "none"}
          </Fact>
          <Fact term="Asked">
            <TimeAgo at={approval.createdAt} />
            {approval.attempts > 1 && `, ${approval.attempts} times`}
          </Fact>
          <Fact term="Rule">
            <Link
              href={`/policies/${policyId}?tab=versions`}
              className="text-accent underline-offset-4 hover:underline"
            >
              {policyName ?? "A policy that is gone"}, version {policyVersion}
            </Link>
            <code className="block break-all font-mono text-ink-muted text-xs">{rule}</code>
          </Fact>
        </dl>
      </Section>
      <Section title="The tool">
        <Definition approval={approval} />
      </Section>
    </Card>
  );
}

/** What was revealed stays so while the page is open, and is asked of nobody again. */
function useRevealed(approval: ApprovalDetail): ApprovalDetail {
  const revealed = useQuery<RevealAnswer | null>({
    queryKey: ["approvals", "revealed", approval.id],
    queryFn: () => null,
    enabled: false,
  }).data;
  return revealed ? { ...approval, ...revealed } : approval;
}

function Waiting({ approval: { heldUntil, status, clientName } }: { approval: ApprovalDetail }) {
  const seconds = useSecondsLeft(heldUntil);
  if (status !== "pending" || seconds === 0) return null;
  return (
    <p className="inline-flex items-center gap-1.5 text-hold text-sm">
      <Radio aria-hidden="true" className="size-3.5" />
      <span>
        {clientName ?? "A client"} is waiting on an open request, for <span className="tabular-nums">{seconds}</span>{" "}
        more seconds.
      </span>
    </p>
  );
}

function Outcome({ approval }: { approval: ApprovalDetail }) {
  const { decidedAt, decidedBy, reason, status, scope, sessionUntil, useBy, usedAt, callId } = approval;
  if (decidedAt === null) return null;
  return (
    <div className="grid gap-1 text-sm">
      <p>
        {status === "denied" ? "Denied" : "Approved"}
        {scope === "session" && " for this session"} by {decidedBy?.email ?? "somebody"} <TimeAgo at={decidedAt} />.
        {reason && <span className="block text-ink-muted">Reason: {reason}</span>}
      </p>
      {status === "approved" && scope === "call" && useBy && (
        <p className="text-ink-muted">
          The agent has to make the same call again: <TimeLeft until={useBy} />.
        </p>
      )}
      {scope === "session" && sessionUntil && (
        <p className="text-ink-muted">
          For every call of this tool in the session: <TimeLeft until={sessionUntil} />.
        </p>
      )}
      {callId && (
        <p>
          <Link href={`/calls?id=${callId}`} className="text-accent underline-offset-4 hover:underline">
            The call that was made
          </Link>
          {usedAt && (
            <span className="text-ink-muted">
              {" "}
              <TimeAgo at={usedAt} />
            </span>
          )}
        </p>
      )}
    </div>
  );
}

function Definition({ approval: { definition, definitionHash } }: { approval: ApprovalDetail }) {
  if (definition === null) {
    return (
      <p className="text-ink-muted text-sm">
        {definitionHash === null
          ? "The server never listed this tool: nobody knows what it says of itself."
          : "The server has another definition of this tool by now, or none."}
      </p>
    );
  }
  const { description, text } = readDefinition(definition);
  return (
    <div className="grid gap-2">
      {description !== null && (
        <blockquote className="max-h-40 overflow-auto whitespace-pre-wrap border-l-2 pl-3 text-ink-muted text-sm [overflow-wrap:anywhere]">
          {description}
        </blockquote>
      )}
      <details>
        <summary className="w-fit cursor-pointer rounded text-accent text-sm">The whole definition</summary>
        <CodeBlock text={text} label="As its owner accepted it" className="mt-2" />
      </details>
    </div>
  );
}

function readDefinition(definition: string): { description: string | null; text: string } {
  const value: unknown = JSON.parse(definition);
  const { description } = (typeof value === "object" && value !== null ? value : {}) as { description?: unknown };
  return { description: typeof description === "string" ? description : null, text: JSON.stringify(value, null, 2) };
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid gap-2 border-b px-4 py-3 last:border-b-0">
      <h3 id={id} className="font-semibold text-base text-ink">
        {title}
      </h3>
      {children}
    </section>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-muted">{term}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
