"use client";
import { useState } from "react";
import type { ChangeAnswer } from "@/app/api/v1/schemas.ts";
import { DefinitionDiff } from "@/components/definition/definition-diff.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { ProblemBadge } from "./problem-badge.tsx";

export type Decision = "accept" | "reject";

/** One change: what it is, what is different, and the decision about it. */
export function ChangeCard({
  change,
  mayDecide,
  onDecide,
}: {
  change: ChangeAnswer;
  mayDecide: boolean;
  onDecide: (decision: Decision) => Promise<void>;
}) {
  const [pending, setPending] = useState<Decision | null>(null);
  const isRejected = change.state === "rejected";
  const { accept, reject } = wordsFor(change);
  const title = change.kind === "instructions" ? "Instructions" : change.name;

  async function decide(decision: Decision) {
    setPending(decision);
    await onDecide(decision);
    setPending(null);
  }

  return (
    <li aria-label={title} className="grid gap-3 px-4 py-4">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="grid min-w-0 gap-1.5">
          <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
            <h2
              className={
                change.kind === "instructions" ? "font-medium" : "break-all font-medium font-mono text-[0.8125rem]"
              }
            >
              {title}
            </h2>
            {change.kind === "prompt" && <Badge tone="outline">Prompt</Badge>}
            <ProblemBadge change={change} />
          </div>
          <p className="text-ink-muted text-xs">
            Seen <TimeAgo at={change.seenAt} />
            {problemWords[change.problem] && <> · {problemWords[change.problem]}</>}
          </p>
        </div>
        {mayDecide && (
          <div className="flex gap-2">
            {!isRejected && reject && (
              <Button
                aria-label={`${reject}: ${title}`}
                loading={pending === "reject"}
                disabled={pending === "accept"}
                onClick={() => void decide("reject")}
              >
                {reject}
              </Button>
            )}
            <Button
              aria-label={`${accept}: ${title}`}
              loading={pending === "accept"}
              disabled={pending === "reject"}
              onClick={() => void decide("accept")}
            >
              {accept}
            </Button>
          </div>
        )}
      </div>
      {/* What else may be the matter is not a difference. */}
      <DefinitionDiff change={{ ...change, isDifference: change.problem === "changed" }} />
    </li>
  );
}

const problemWords: Partial<Record<ChangeAnswer["problem"], string>> = {
  gone: "The server stopped listing it. Calls of it are decided as before.",
  duplicate: "Refused under every setting: nobody can tell which of them an agent means.",
  look_alike: "Refused under every setting: an agent or a person may take one for the other.",
  unreadable: "Refused under every setting: two programs may read it in two ways.",
};

function wordsFor({ problem }: ChangeAnswer): { accept: string; reject: string | null } {
  if (problem === "gone") return { accept: "Take note", reject: null };
  if (problem === "changed") return { accept: "Accept", reject: "Reject" };
  return { accept: "Offer it again", reject: "Keep it out" };
}
