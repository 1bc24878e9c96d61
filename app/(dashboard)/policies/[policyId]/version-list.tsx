"use client";
import { CircleCheck, Ghost, RotateCcw } from "lucide-react";
import { useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { type PolicyVersion, usePolicyVersions } from "@/app/_client/queries.ts";
import { NoteDialog } from "@/components/policy-editor/note-dialog.tsx";
import { type PublishAnswer, publishedSentence } from "@/components/policy-editor/published.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { DisclosureButton } from "@/components/ui/disclosure.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import type { KnownTool } from "@/policy/reachable.ts";
import { VersionDetails } from "./version-details.tsx";

/** Everything that was ever published, newest first. */
export function VersionList({
  policyId,
  tools,
  mayRestore,
  restore,
}: {
  policyId: string;
  tools: readonly KnownTool[];
  mayRestore: boolean;
  restore: (version: number, note: string) => Promise<PublishAnswer>;
}) {
  const versions = usePolicyVersions(policyId);
  const [restoring, setRestoring] = useState<number | null>(null);

  async function confirm(note: string): Promise<PublishAnswer> {
    if (restoring === null) return { ok: false, detail: "No version is chosen." };
    const answer = await restore(restoring, note);
    if (answer.ok) toast.success(publishedSentence(answer.published));
    return answer;
  }

  return (
    <Card>
      {versions.isPending && <SkeletonRows label="Loading versions" />}
      {versions.isError && (
        <ErrorState
          title="The versions could not be loaded"
          detail={troubleIn(versions.error).detail}
          onRetry={() => void versions.refetch()}
        />
      )}
      {versions.data && (
        <ol aria-label="Versions" className="divide-y">
          {versions.data.map((version) => (
            <VersionRow
              key={version.version}
              version={version}
              all={versions.data}
              tools={tools}
              onRestore={mayRestore && !version.active ? () => setRestoring(version.version) : null}
            />
          ))}
        </ol>
      )}
      <NoteDialog
        open={restoring !== null}
        onOpenChange={(open) => !open && setRestoring(null)}
        title={`Restore version ${restoring ?? ""}`}
        description="Its document is published again as a new version and decides from the next call on. Your draft stays as it is."
        confirmLabel="Restore"
        publish={confirm}
      />
    </Card>
  );
}

function VersionRow({
  version,
  all,
  tools,
  onRestore,
}: {
  version: PolicyVersion;
  /** Newest first. */
  all: readonly PolicyVersion[];
  tools: readonly KnownTool[];
  onRestore: (() => void) | null;
}) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
        <DisclosureButton open={open} onClick={() => setOpen(!open)} className="font-medium text-ink tabular-nums">
          Version {version.version}
        </DisclosureButton>
        {version.active && (
          <Badge tone="ok">
            <CircleCheck aria-hidden="true" />
            Live
          </Badge>
        )}
        {version.shadow && (
          <Badge tone="hold">
            <Ghost aria-hidden="true" />
            In shadow
          </Badge>
        )}
        <p className="min-w-0 flex-1 basis-52 text-pretty break-words text-ink-muted text-sm">{version.note}</p>
        <p className="text-ink-muted text-xs">
          {version.author && <>{version.author} · </>}
          <TimeAgo at={version.publishedAt} />
        </p>
        {onRestore && (
          <Button size="sm" onClick={onRestore}>
            <RotateCcw aria-hidden="true" />
            Restore
          </Button>
        )}
      </div>
      {open && <VersionDetails version={version} all={all} tools={tools} />}
    </li>
  );
}
