"use client";
import { Stamp } from "lucide-react";
import { troubleIn } from "@/app/_client/api.ts";
import { useMe } from "@/app/_client/queries.ts";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { PageHeader } from "../../page-header.tsx";
import { ExportCard } from "./export-card.tsx";
import { ForwardCard } from "./forward-card.tsx";
import { useEvidenceKey, useHeads } from "./queries.ts";

/** The chain of evidence: its newest head, an export, and how anybody verifies it without us. */
export function EvidencePanel() {
  const role = useMe().data?.role;
  const isAdmin = role === "admin";
  return (
    <>
      <PageHeader
        title="Evidence"
        trail={[{ href: "/settings", label: "Settings" }]}
        description="Every decision, what came of it and every change by an admin is sealed some seconds later: hashed, chained to what came before, and signed. Whoever changes, removes or adds something afterwards is found out."
      />
      <div className="grid max-w-3xl gap-4">
        {role !== undefined && !isAdmin && (
          <Callout title="For admins">
            The evidence holds the audit log, which admins of your organisation read.
          </Callout>
        )}
        {(role === undefined || isAdmin) && <NewestHead enabled={isAdmin} />}
        {isAdmin && <ExportCard />}
        {isAdmin && <Verifying />}
        {isAdmin && <ForwardCard />}
      </div>
    </>
  );
}

function NewestHead({ enabled }: { enabled: boolean }) {
  const heads = useHeads(enabled);
  const head = heads.data?.items[0];
  const waiting = heads.data?.waiting ?? 0;
  return (
    <Card>
      <CardHeader
        title="Newest head"
        description="Keep it somewhere else now and then: no chain that ends before it, or is another one, passes for this one then."
        actions={head && <CopyButton text={JSON.stringify(head, null, 2)} label="Copy head" />}
      />
      {heads.isPending && <SkeletonRows label="Loading the newest head" rows={3} />}
      {heads.isError && !heads.data && (
        <ErrorState
          title="The chain could not be loaded"
          detail={troubleIn(heads.error).detail}
          onRetry={() => void heads.refetch()}
        />
      )}
      {heads.data && !heads.data.on && (
        <CardBody>
          <Callout tone="warn" title="Nothing is sealed">
            This installation was started without a key that signs. <code className="font-mono text-xs">npm start</code>{" "}
            makes one; where processes are started otherwise, set{" "}
            <code className="font-mono text-xs">EVIDENCE_KEY</code>.
          </Callout>
        </CardBody>
      )}
      {heads.data && !head && heads.data.on && (
        <EmptyState icon={<Stamp />} title="Nothing is sealed yet">
          The first link follows some seconds after the first call or change.
        </EmptyState>
      )}
      {head && (
        <CardBody>
          <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[auto_1fr]">
            <dt className="text-ink-muted">Link</dt>
            <dd className="tabular-nums">
              {head.sequence.toLocaleString("en")}, with {head.count.toLocaleString("en")}{" "}
              {head.count === 1 ? "record" : "records"}, sealed <TimeAgo at={head.sealedAt} />
            </dd>
            <dt className="text-ink-muted">Hash</dt>
            <dd className="flex items-center gap-1">
              <span className="min-w-0 break-all font-mono text-xs">{head.hash}</span>
              <CopyButton iconOnly text={head.hash} label="Copy hash" />
            </dd>
            <dt className="text-ink-muted">Not sealed yet</dt>
            <dd className="tabular-nums">
              {waiting >= 10_000 ? "10,000 or more" : waiting.toLocaleString("en")}{" "}
              {waiting === 1 ? "record" : "records"}
            </dd>
          </dl>
        </CardBody>
      )}
    </Card>
  );
}

function Verifying() {
  const key = useEvidenceKey(true).data;
  return (
    <Card>
      <CardHeader
        title="Verify"
        description="On any machine that has the policylayer command, without a network. It names the first record that is not as it was sealed, and in which way."
        actions={key && <CopyButton text={key.pem} label="Copy public key" />}
      />
      <CardBody className="grid gap-3">
        <CodeBlock
          label="Shell"
          text="npx policylayer verify evidence.jsonl --key evidence-key.pem --head head.json"
          wrap
        />
        <p className="text-pretty text-ink-muted text-sm">
          <code className="font-mono text-xs">--key</code> is the public key of this installation, kept from a time when
          you trusted it; <code className="font-mono text-xs">--head</code> a head that you kept, or its hash. Values of
          arguments are not in an export, only the hash of their sealed text.
        </p>
        {key && (
          <p className="flex flex-wrap items-center gap-x-2 text-sm">
            <span className="text-ink-muted">Public key (Ed25519)</span>
            <span className="break-all font-mono text-xs">{key.key}</span>
          </p>
        )}
      </CardBody>
    </Card>
  );
}
