"use client";
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleDashed } from "lucide-react";
import Link from "next/link";
import { useEffect, useId, useMemo } from "react";
import { load, troubleIn } from "@/app/_client/api.ts";
import type {
  GrantAnswer,
  PolicyAnswer,
  PolicySummary,
  RecommendedAnswer,
  ServerSummary,
} from "@/app/api/v1/schemas.ts";
import { ChangeList } from "@/components/policy-editor/change-list.tsx";
import { ExposureMeter } from "@/components/policy-editor/exposure-meter.tsx";
import { SeverityCounts } from "@/components/risk-badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Select } from "@/components/ui/select.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { Spinner } from "@/components/ui/spinner.tsx";
import { exposure } from "@/policy/exposure.ts";
import { type ParsedPolicy, parsePolicy } from "@/policy/parse.ts";
import { type Attach, grantsToAttach, newName, type Plan, type Target } from "./plan.ts";
import type { Applied } from "./run.ts";

export type Progress =
  | { state: "waiting" | "stopped" }
  | { state: "working"; step: string }
  | { state: "done"; applied: Applied; shadow: boolean }
  | { state: "failed"; detail: string };

type Props = {
  server: ServerSummary;
  policies: readonly PolicySummary[];
  grants: readonly GrantAnswer[];
  target: Target;
  onTarget: (target: Target) => void;
  attach: Attach;
  shadow: boolean;
  chosen: boolean;
  onChosen: (isChosen: boolean) => void;
  disabled: boolean;
  progress: Progress | null;
  /** Null while it is not known what would be done. The function stays the same. */
  onPlan: (serverId: string, plan: Plan | null) => void;
  onRetry: () => void;
  mayApply: boolean;
};

/** One server: whether it is meant, what would change, and how far it is. */
export function ServerPlan(props: Props) {
  const { server, chosen, onChosen, disabled, progress, onRetry, mayApply } = props;
  const isDone = progress?.state === "done";
  return (
    <li aria-label={server.name} className="grid gap-3 px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <label className="flex min-w-0 flex-1 basis-56 items-center gap-2.5 font-medium">
          <input
            type="checkbox"
            className="size-4 shrink-0 accent-accent"
            checked={chosen}
            disabled={disabled || isDone}
            onChange={(event) => onChosen(event.target.checked)}
          />
          <span className="min-w-0 break-words">{server.name}</span>
        </label>
        <SeverityCounts counts={server.severityCounts} />
      </div>
      {progress && <ProgressLine progress={progress} onRetry={mayApply && !disabled && chosen ? onRetry : null} />}
      {chosen && !isDone && <Preview {...props} />}
    </li>
  );
}

function Preview(props: Props) {
  const { server, policies, target } = props;
  const recommended = useQuery({
    queryKey: ["servers", server.id, "recommended"],
    queryFn: ({ signal }) => load<RecommendedAnswer>(`/servers/${server.id}/recommended`, signal),
  });
  const policyId = target.kind === "update" ? target.policyId : null;
  const current = useQuery({
    queryKey: ["policies", policyId, "live"],
    queryFn: ({ signal }) => load<PolicyAnswer>(`/policies/${policyId}`, signal),
    enabled: policyId !== null,
  });
  const failed = [recommended, current].find((query) => query.isError);
  if (failed) {
    return (
      <Callout
        tone="danger"
        role="alert"
        title="What would change could not be worked out"
        actions={
          <Button size="sm" onClick={() => void failed.refetch()}>
            Try again
          </Button>
        }
      >
        {troubleIn(failed.error).detail}
      </Callout>
    );
  }
  if (!recommended.data || (policyId !== null && !current.data)) {
    return <SkeletonRows label={`Loading ${server.name}`} rows={2} />;
  }
  return (
    <div className="grid gap-3 sm:ml-6.5">
      <TargetChoice {...props} policies={policies} />
      <Difference
        {...props}
        recommended={recommended.data}
        before={policyId === null ? null : (current.data ?? null)}
      />
    </div>
  );
}

function TargetChoice({ server, policies, target, onTarget, disabled }: Props) {
  if (policies.length === 0) {
    return (
      <p className="text-ink-muted text-sm">
        A new policy, <span className="text-ink">{target.name}</span>: this server has none yet.
      </p>
    );
  }
  const made = { kind: "new", name: newName(policies) } as const;
  const busy = policies.filter(({ draftDiffers }) => draftDiffers);
  return (
    <div className="grid gap-1">
      <Select
        aria-label={`Policy for ${server.name}`}
        className="w-full sm:w-80"
        disabled={disabled}
        value={target.kind === "new" ? "new" : target.policyId}
        onValueChange={(value) => {
          const policy = policies.find(({ id }) => id === value);
          onTarget(policy ? { kind: "update", policyId: policy.id, name: policy.name } : made);
        }}
        options={[
          ...policies.map(({ id, name, grantCount }) => ({
            value: id,
            label: `Next version of ${name}`,
            hint: grantCount === 1 ? "1 grant" : `${grantCount} grants`,
          })),
          { value: "new", label: "A new policy" },
        ]}
      />
      {busy.length > 0 && (
        <p className="text-ink-muted text-xs">
          {busy.map(({ name }) => name).join(", ")}: the draft has changes that were never published. They are not
          overwritten.
        </p>
      )}
    </div>
  );
}

const nothing = '{"version":"1","default":"deny"}';

function Difference({
  server,
  target,
  grants,
  attach,
  shadow,
  recommended,
  before,
  onPlan,
}: Props & { recommended: RecommendedAnswer; before: PolicyAnswer | null }) {
  const { document: text, tools, catalogPath } = recommended;
  const now = useMemo(() => parsePolicy(text), [text]);
  const was = useMemo(() => parsePolicy(before?.document ?? nothing), [before]);
  const meter = useMemo(
    () => ({
      before: before && was.ok ? exposure(was.policy, tools) : null,
      now: now.ok ? exposure(now.policy, tools) : null,
    }),
    [before, was, now, tools],
  );
  const given = grantsToAttach(grants, target, { attach, shadow });
  const plan: Plan = {
    serverId: server.id,
    target,
    text,
    shadow,
    grants: given.map(({ id, label }) => ({ id, label })),
  };
  const key = JSON.stringify(plan);
  useEffect(() => {
    onPlan(server.id, now.ok ? (JSON.parse(key) as Plan) : null);
    return () => onPlan(server.id, null);
  }, [key, now.ok, onPlan, server.id]);
  const headingId = useId();
  if (!now.ok || !was.ok) return <Unreadable parsed={now.ok ? was : now} />;
  const same = before !== null && before.document === text;
  return (
    <>
      <ExposureMeter before={meter.before} now={meter.now} />
      <section aria-labelledby={headingId} className="grid gap-1">
        <h2 id={headingId} className="font-medium text-sm">
          {same ? "Nothing would change" : before ? "What would change" : "What it allows, where nothing was allowed"}
        </h2>
        {same ? (
          <p className="text-ink-muted text-sm">The version in force is the recommended one.</p>
        ) : (
          <ChangeList before={was.document} after={now.document} tools={tools} label={`Changes on ${server.name}`} />
        )}
      </section>
      <p className="text-ink-muted text-xs">
        {given.length === 0
          ? "No grant gets another policy."
          : `Given to ${given.map(({ label, policyName }) => (policyName ? `${label} (in the place of ${policyName})` : label)).join(", ")}.`}
        {catalogPath && (
          <>
            {" "}
            Made with what the{" "}
            <Link href={catalogPath} className="underline underline-offset-4 hover:text-ink">
              catalog
            </Link>{" "}
            knows of this server.
          </>
        )}
      </p>
    </>
  );
}

function Unreadable({ parsed }: { parsed: ParsedPolicy }) {
  const message = parsed.ok ? "" : (parsed.problems[0]?.message ?? "");
  return (
    <Callout tone="danger" title="A document cannot be read">
      {message}
    </Callout>
  );
}

function ProgressLine({ progress, onRetry }: { progress: Progress; onRetry: (() => void) | null }) {
  if (progress.state === "failed") {
    return (
      <Callout
        tone="danger"
        role="alert"
        title="Not applied as a whole"
        actions={
          onRetry && (
            <Button size="sm" onClick={onRetry}>
              Try again
            </Button>
          )
        }
      >
        {progress.detail} Nothing that was there is lost.
      </Callout>
    );
  }
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm sm:ml-6.5">
      {progress.state === "done" ? (
        <Done {...progress} />
      ) : (
        <>
          {progress.state === "working" ? (
            <Spinner />
          ) : (
            <CircleDashed aria-hidden="true" className="size-4 text-ink-faint" />
          )}
          <span className="text-ink-muted">
            {progress.state === "working"
              ? `${progress.step}…`
              : progress.state === "waiting"
                ? "Waiting"
                : "Not begun"}
          </span>
        </>
      )}
    </p>
  );
}

function Done({ applied: { policyId, version, gateways, attached }, shadow }: { applied: Applied; shadow: boolean }) {
  const Icon = gateways && gateways.live < gateways.of ? CircleAlert : CircleCheck;
  const what = version === null ? "Said this already" : `Version ${version} ${shadow ? "is tried" : "is in force"}`;
  return (
    <>
      <Icon aria-hidden="true" className="size-4 text-ok" />
      <span>
        {what}
        {gateways && `, live on ${gateways.live} of ${gateways.of} ${gateways.of === 1 ? "gateway" : "gateways"}`}
        {attached > 0 && `, given to ${attached === 1 ? "1 grant" : `${attached} grants`}`}
      </span>
      <Link href={`/policies/${policyId}`} className="text-accent underline-offset-4 hover:underline">
        Open
      </Link>
      {version !== null && version > 1 && (
        <Link href={`/policies/${policyId}?tab=versions`} className="text-accent underline-offset-4 hover:underline">
          Restore an older version
        </Link>
      )}
    </>
  );
}
