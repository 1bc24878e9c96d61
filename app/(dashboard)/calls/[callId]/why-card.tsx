"use client";
import { Ghost } from "lucide-react";
import { useMemo } from "react";
import type { CallStory } from "@/app/api/v1/call-schemas.ts";
import { decisionLook } from "@/components/decision-badge.tsx";
import { TraceList } from "@/components/policy-editor/simulator/outcome.tsx";
import { traceLines } from "@/components/policy-editor/simulator/trace-lines.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import type { TraceStep } from "../../../../policy/evaluate.ts";
import { parsePolicy } from "../../../../policy/parse.ts";
import { placeId } from "./policy-card.tsx";

/** Why it was allowed or refused: the owner's words, the rule in a sentence, and each step that was looked at. */
export function WhyCard({ story }: { story: CallStory }) {
  const { call, sentences, retraced } = story;
  const isApproved = call.code === "allowed" && call.approvalId !== null;
  const wasAllowed = call.code === "allowed" || call.wouldDeny;
  const deciding = sentences.filter(({ pointer }) => pointer === call.rule);
  const around = sentences.filter(({ pointer }) => pointer !== call.rule);
  return (
    <Card>
      <CardHeader title={wasAllowed ? "Why it was allowed" : "Why it was not allowed"} />
      <CardBody className="grid gap-4">
        {call.wouldDeny && (
          <Callout tone="info">
            The policy is only watched: it would have answered {decisionLook(call.code).label.toLowerCase()}, and the
            call went through all the same.
          </Callout>
        )}
        {call.message && (
          <div>
            <p className="text-ink-muted text-xs">{wasAllowed ? "The policy said" : "The agent was told"}</p>
            <p className="mt-0.5 text-pretty [overflow-wrap:anywhere]">{call.message}</p>
          </div>
        )}
        <div>
          <p className="text-ink-muted text-xs">Decided by</p>
          <p className="mt-0.5">
            {call.rule.startsWith("/") ? (
              <a
                href={`#${placeId}`}
                className="rounded font-mono text-accent text-xs [overflow-wrap:anywhere] hover:underline"
              >
                {call.rule}
              </a>
            ) : (
              <code className="font-mono text-xs">{call.rule}</code>
            )}
          </p>
          {deciding.map(({ pointer, sentence }) => (
            <p key={pointer} className="mt-1 text-pretty text-sm [overflow-wrap:anywhere]">
              {sentence}
            </p>
          ))}
        </div>
        {around.length > 0 && (
          <div>
            <p className="text-ink-muted text-xs">The rest of this rule</p>
            <ul className="mt-1 grid list-disc gap-1 pl-4 text-ink-muted text-sm">
              {around.map(({ pointer, sentence }) => (
                <li key={pointer} className="[overflow-wrap:anywhere]">
                  {sentence}
                </li>
              ))}
            </ul>
          </div>
        )}
        <Steps story={story} />
        {isApproved && retraced.known && retraced.code === "approval_required" && (
          <p className="text-pretty text-ink-muted text-sm">
            Asked again, the version asks a person: for this call one had said yes.
          </p>
        )}
        {call.shadowCode !== null && (
          <div className="rounded-md border border-hold-line bg-hold-soft px-3 py-2 text-sm">
            <p className="flex flex-wrap items-center gap-2">
              <Ghost aria-hidden="true" className="size-4 text-hold" />
              Version {call.shadowVersion}, in shadow, would have answered
              <Badge tone="hold">{decisionLook(call.shadowCode).label}</Badge>
            </p>
            {call.shadowRule && <p className="mt-1 font-mono text-xs [overflow-wrap:anywhere]">{call.shadowRule}</p>}
          </div>
        )}
        {retraced.known && retraced.code !== call.code && !explains(call.code) && !isApproved && (
          <Callout
            tone="warn"
            title={`Asked again, the version answers ${decisionLook(retraced.code).label.toLowerCase()}`}
          >
            Something that is not on record was different then.
          </Callout>
        )}
      </CardBody>
    </Card>
  );
}

/** Codes that come after the policy's own answer: a limit that was full, a person who decided. */
function explains(code: string): boolean {
  return code === "rate_limited" || code.startsWith("approval_");
}

function Steps({ story: { retraced, version } }: { story: CallStory }) {
  const document = useMemo(() => {
    const parsed = version ? parsePolicy(version.document) : null;
    return parsed?.ok ? parsed.document : null;
  }, [version]);
  if (!retraced.known) {
    return (
      <div>
        <p className="text-ink-muted text-xs">Step by step</p>
        <p className="mt-0.5 text-pretty text-ink-muted text-sm">{retraced.why}</p>
      </div>
    );
  }
  if (document === null) return null;
  const lines = traceLines(
    { ...retraced, trace: retraced.trace as TraceStep[] } as Parameters<typeof traceLines>[0],
    document,
    undefined,
  );
  return (
    <section aria-label="Step by step" className="grid gap-2">
      <h3 className="text-ink-muted text-xs">Step by step, asked again now</h3>
      <TraceList
        lines={lines}
        onGo={() => globalThis.document.getElementById(placeId)?.scrollIntoView({ block: "center" })}
      />
      <ul className="grid gap-0.5 text-ink-muted text-xs">
        {retraced.notAsked.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}
