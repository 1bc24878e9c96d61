"use client";
import { Ban, CircleAlert, CircleCheck, Clock, RefreshCw } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { send } from "@/app/_client/api.ts";
import type { CatalogJobAnswer } from "@/app/api/v1/schemas.ts";
import { serverPath } from "@/catalog/address.ts";
import { Badge, type BadgeTone } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Spinner } from "@/components/ui/spinner.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { resultWords } from "./result-words.ts";

const looks: Record<CatalogJobAnswer["status"], { label: string; tone: BadgeTone; Icon: typeof Clock }> = {
  queued: { label: "Waiting", tone: "neutral", Icon: Clock },
  running: { label: "Running", tone: "accent", Icon: Spinner as typeof Clock },
  done: { label: "Done", tone: "ok", Icon: CircleCheck },
  failed: { label: "Failed", tone: "danger", Icon: CircleAlert },
  cancelled: { label: "Cancelled", tone: "neutral", Icon: Ban },
};

const kindWords = { npm: "npm package", url: "Server at an address", registry: "Registry" } as const;

export function JobRow({
  job,
  mayAdd,
  onChange,
}: {
  job: CatalogJobAnswer;
  mayAdd: boolean;
  onChange: () => Promise<void>;
}) {
  const [pending, setPending] = useState(false);
  const { label, tone, Icon } = looks[job.status];
  const isOpen = job.status === "queued" || job.status === "running";
  const slug = typeof job.result?.slug === "string" ? job.result.slug : null;
  // What was handed in is not kept.
  const isRepeatable = !isOpen && mayAdd && (job.kind !== "registry" || /^https?:/.test(job.target));

  async function act(doing: () => Promise<{ ok: true } | { ok: false; trouble: { detail: string } }>): Promise<void> {
    setPending(true);
    const answer = await doing();
    await onChange();
    setPending(false);
    if (!answer.ok) toast.error("That did not work", { description: answer.trouble.detail });
  }

  return (
    <li aria-label={job.target} className="grid gap-2 px-4 py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="min-w-0 break-all font-medium font-mono text-[0.8125rem]">{job.target}</span>
            <Badge tone={tone}>
              <Icon aria-hidden="true" />
              {label}
            </Badge>
          </p>
          <p className="text-ink-muted text-xs">
            {kindWords[job.kind]}
            <span aria-hidden="true"> · </span>
            {job.endedAt ? (
              <>
                ended <TimeAgo at={job.endedAt} />
              </>
            ) : job.startedAt ? (
              <>
                begun <TimeAgo at={job.startedAt} />
              </>
            ) : (
              <>
                asked for <TimeAgo at={job.createdAt} />
              </>
            )}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {slug !== null && (
            <Button asChild size="sm">
              <Link href={serverPath(slug)}>In the catalog</Link>
            </Button>
          )}
          {isOpen && (
            <Button
              size="sm"
              loading={pending}
              aria-label={`Cancel ${job.target}`}
              onClick={() => void act(() => send("DELETE", `/catalog/jobs/${job.id}`))}
            >
              Cancel
            </Button>
          )}
          {isRepeatable && (
            <Button
              size="sm"
              loading={pending}
              aria-label={`${job.kind === "registry" ? "Read again" : "List again"}: ${job.target}`}
              onClick={() => void act(() => send("POST", "/catalog/jobs", { kind: job.kind, target: job.target }))}
            >
              {!pending && <RefreshCw aria-hidden="true" />}
              {job.kind === "registry" ? "Read again" : "List again"}
            </Button>
          )}
        </div>
      </div>
      {job.status === "running" && <Progress job={job} />}
      {job.message !== null && job.status !== "done" && (
        <p className={`text-sm ${job.status === "failed" ? "text-danger" : "text-ink-muted"} break-words`}>
          {job.message}
        </p>
      )}
      {job.status === "done" && <p className="text-ink-muted text-sm">{resultWords(job)}</p>}
    </li>
  );
}

function Progress({ job: { done, total, target } }: { job: CatalogJobAnswer }) {
  const share = total === null || total <= 1 ? null : Math.round((100 * done) / total);
  return (
    <div
      role="progressbar"
      aria-label={`Progress of ${target}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share ?? undefined}
      className="relative h-1.5 overflow-hidden rounded-full bg-line"
    >
      {share === null ? (
        <span className="block h-full animate-pulse rounded-full bg-accent" />
      ) : (
        <span className="block h-full rounded-full bg-accent transition-[width]" style={{ width: `${share}%` }} />
      )}
    </div>
  );
}
