import Link from "next/link";
import type { ReactNode } from "react";
import type { CallStory } from "@/app/api/v1/call-schemas.ts";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";

/** Who called what, each with a way to all calls like it. */
export function CallFacts({ story: { call, server, grant } }: { story: CallStory }) {
  const like = (filter: Record<string, string>, text: ReactNode) => (
    <Link
      href={`/calls?${new URLSearchParams(filter)}`}
      title="All calls like this"
      className="rounded text-accent underline-offset-4 [overflow-wrap:anywhere] hover:underline"
    >
      {text}
    </Link>
  );
  const mono = (text: string) => <span className="font-mono text-xs [overflow-wrap:anywhere]">{text}</span>;
  return (
    <Card>
      <CardHeader title="The call" />
      <CardBody>
        <dl className="grid gap-x-4 gap-y-2 text-sm sm:grid-cols-[6.5rem_minmax(0,1fr)]">
          <Fact term="Server">{like({ serverId: call.serverId }, server?.name ?? "deleted server")}</Fact>
          {call.tool !== null && <Fact term="Tool">{like({ tool: call.tool }, mono(call.tool))}</Fact>}
          {call.grantId !== null && (
            <Fact term="Grant">{like({ grantId: call.grantId }, grant?.label ?? "deleted grant")}</Fact>
          )}
          {call.clientName && <Fact term="Client">{like({ clientName: call.clientName }, call.clientName)}</Fact>}
          {call.sessionId && <Fact term="Session">{like({ sessionId: call.sessionId }, mono(call.sessionId))}</Fact>}
          <Fact term="Decision">{like({ code: call.code }, mono(call.code))}</Fact>
          <Fact term="Rule">{like({ rule: call.rule }, mono(call.rule))}</Fact>
          <Fact term="Arguments">{call.argumentKeys.length === 0 ? "none" : mono(call.argumentKeys.join(", "))}</Fact>
          <Fact term="Method">{mono(call.method)}</Fact>
          {call.traceparent && <Fact term="Trace">{mono(call.traceparent)}</Fact>}
          <Fact term="Decision id">
            <span className="inline-flex items-center gap-1">
              {mono(call.id)}
              <CopyButton text={call.id} label="Copy the decision id" iconOnly />
            </span>
          </Fact>
        </dl>
      </CardBody>
    </Card>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-muted">{term}</dt>
      <dd className="mb-1 min-w-0 sm:mb-0">{children}</dd>
    </>
  );
}
