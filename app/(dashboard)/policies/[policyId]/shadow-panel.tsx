"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Ghost, ShieldCheck, Square } from "lucide-react";
import { useState } from "react";
import type * as z from "zod";
import { send, troubleIn } from "@/app/_client/api.ts";
import { reloadAll, usePolicyVersions, useShadow } from "@/app/_client/queries.ts";
import type { PolicyAnswer, ShadowAnswer, shadowChanged } from "@/app/api/v1/schemas.ts";
import { DecisionBadge } from "@/components/decision-badge.tsx";
import { ChangeList } from "@/components/policy-editor/change-list.tsx";
import { tellDraftSaved } from "@/components/policy-editor/draft-channel.ts";
import { publishedSentence } from "@/components/policy-editor/published.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { parsePolicy } from "@/policy/parse.ts";
import type { KnownTool } from "@/policy/reachable.ts";

/** The version that runs in shadow beside the live one, and what becomes of it. Nothing when there is none. */
export function ShadowPanel({
  policy,
  tools,
  mayChange,
}: {
  policy: PolicyAnswer;
  tools: readonly KnownTool[];
  mayChange: boolean;
}) {
  const [live, setLive] = useState<string | null>(null);
  if (policy.shadowVersion === null) {
    return live === null ? null : (
      <Callout tone="ok" role="status" title={live} className="mb-4">
        It was tried in shadow; what it would have changed is what it changes now.
      </Callout>
    );
  }
  return (
    <Running
      key={policy.shadowVersion}
      policy={policy}
      version={policy.shadowVersion}
      tools={tools}
      mayChange={mayChange}
      onPromoted={setLive}
    />
  );
}

function Running({
  policy,
  version,
  tools,
  mayChange,
  onPromoted,
}: {
  policy: PolicyAnswer;
  version: number;
  tools: readonly KnownTool[];
  mayChange: boolean;
  onPromoted: (sentence: string) => void;
}) {
  const client = useQueryClient();
  const shadow = useShadow(policy.id);
  const [pending, setPending] = useState(false);
  const [stopping, setStopping] = useState(false);

  async function end(action: "promote" | "stop"): Promise<string | null> {
    const answer = await send<z.infer<typeof shadowChanged>>("POST", `/policies/${policy.id}/shadow`, {
      action,
      version,
    });
    if (!answer.ok) return answer.trouble.detail;
    if (action === "promote") onPromoted(publishedSentence(answer.value));
    tellDraftSaved(policy.id);
    await reloadAll(client);
    return null;
  }

  async function promote() {
    setPending(true);
    const trouble = await end("promote");
    setPending(false);
    if (trouble) toast.error(`Version ${version} was not promoted`, { description: trouble });
  }

  return (
    <Card className="mb-4 border-hold-line" aria-label={`Version ${version} in shadow`}>
      <CardHeader
        title={
          <span className="inline-flex items-center gap-2">
            <Ghost aria-hidden="true" className="size-4 text-hold" />
            Version {version} runs in shadow
          </span>
        }
        description={
          <>
            It decides every call too, on record only. Version {policy.activeVersion} is what is{" "}
            {policy.mode === "enforce" ? "enforced" : "live"}.
            {shadow.data?.since && (
              <>
                {" "}
                Started <TimeAgo at={shadow.data.since} />.
              </>
            )}
          </>
        }
        actions={
          mayChange && (
            <>
              <Button onClick={() => setStopping(true)}>
                <Square aria-hidden="true" />
                Stop
              </Button>
              <Button variant="primary" loading={pending} onClick={() => void promote()}>
                <ShieldCheck aria-hidden="true" />
                Promote
              </Button>
            </>
          )
        }
      />
      <CardBody className="grid gap-4 lg:grid-cols-2">
        <section aria-label="What it would change">
          <h3 className="mb-1.5 font-semibold text-ink text-sm">What it would change</h3>
          <Difference policyId={policy.id} from={policy.activeVersion} to={version} tools={tools} />
        </section>
        <section aria-label="Calls so far">
          <h3 className="mb-1.5 font-semibold text-ink text-sm">Calls so far</h3>
          {shadow.isPending && <SkeletonRows label="Counting the calls" rows={2} />}
          {shadow.isError && !shadow.data && (
            <ErrorState
              title="The calls could not be counted"
              detail={troubleIn(shadow.error).detail}
              onRetry={() => void shadow.refetch()}
            />
          )}
          {shadow.data && <Counts shadow={shadow.data} />}
        </section>
      </CardBody>
      <ConfirmDialog
        open={stopping}
        onOpenChange={setStopping}
        title={`Stop version ${version}?`}
        confirmLabel="Stop"
        tone="primary"
        onConfirm={() => end("stop")}
      >
        It stays in the list of versions, and what it answered stays on record. What is enforced does not change.
      </ConfirmDialog>
    </Card>
  );
}

function Difference({
  policyId,
  from,
  to,
  tools,
}: {
  policyId: string;
  from: number;
  to: number;
  tools: readonly KnownTool[];
}) {
  const versions = usePolicyVersions(policyId);
  const [before, after] = [from, to].map((number) => {
    const text = versions.data?.find(({ version }) => version === number)?.document;
    const parsed = text === undefined ? null : parsePolicy(text);
    return parsed?.ok ? parsed.document : null;
  });
  if (versions.isPending) return <SkeletonRows label="Loading versions" rows={2} />;
  if (!before || !after) return <p className="text-ink-muted text-sm">The two versions cannot be compared.</p>;
  return <ChangeList before={before} after={after} tools={tools} />;
}

function Counts({ shadow }: { shadow: ShadowAnswer }) {
  const numbers = [
    ["the same answer", shadow.same],
    ["newly refused", shadow.newlyRefused],
    ["newly allowed", shadow.newlyAllowed],
    ["waiting for a person", shadow.newlyAsked],
    ["refused for another reason", shadow.otherwiseDifferent],
  ] as const;
  if (shadow.calls === 0) {
    return <p className="text-ink-muted text-sm">No call since it started. This counts by itself.</p>;
  }
  return (
    <div className="grid gap-2 text-sm">
      <p role="status" className="text-ink">
        <span className="font-medium tabular-nums">
          {shadow.calls.toLocaleString("en")} {shadow.calls === 1 ? "call" : "calls"}:
        </span>{" "}
        {numbers
          .filter(([, calls]) => calls > 0)
          .map(([words, calls]) => `${calls.toLocaleString("en")} ${words}`)
          .join(", ")}
      </p>
      {shadow.rules.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable with the keyboard
        <ul aria-label="By rule" tabIndex={0} className="max-h-44 divide-y overflow-y-auto rounded-md border">
          {shadow.rules.map(({ rule, code, was, calls, tools }) => (
            <li key={`${rule} ${code} ${was}`} className="grid gap-1 px-2.5 py-1.5">
              <span className="flex flex-wrap items-center gap-1.5">
                <span className="font-medium text-ink tabular-nums">{calls.toLocaleString("en")}×</span>
                <DecisionBadge code={was} />
                <span aria-hidden="true">→</span>
                <span className="sr-only">would be</span>
                <DecisionBadge code={code} />
              </span>
              <span className="break-all font-mono text-ink-muted text-xs">
                {rule} · {tools.join(", ")}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
