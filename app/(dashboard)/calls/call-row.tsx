"use client";
import { Ghost } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useId, useState } from "react";
import type { CallAnswer } from "@/app/api/v1/schemas.ts";
import { DecisionBadge, decisionLook } from "@/components/decision-badge.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import { cn } from "@/components/ui/cn.ts";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { DisclosureButton } from "@/components/ui/disclosure.tsx";
import { outcomeWords } from "./filters.ts";

/** One decision in a line; opened, the whole story. */
export function CallRow({
  call,
  serverName,
  grantLabel,
  isNew,
  startsOpen = false,
}: {
  call: CallAnswer;
  /** Null: clear from where the row stands. */
  serverName: string | null;
  grantLabel: string | null;
  isNew: boolean;
  startsOpen?: boolean;
}) {
  const [open, setOpen] = useState(startsOpen);
  const detailsId = useId();
  const at = new Date(call.at);
  return (
    <li className={cn(isNew && "animate-row")}>
      <div className="relative grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 px-3 py-2 text-sm hover:bg-raised/50 md:grid-cols-[6.25rem_minmax(0,1fr)_10rem_minmax(0,1fr)_4rem]">
        <DisclosureButton
          open={open}
          aria-controls={detailsId}
          aria-label={`${clock(at)}, ${call.tool ?? call.method}, ${call.code}`}
          onClick={() => setOpen(!open)}
          className="after:absolute after:inset-0"
        >
          <time dateTime={call.at} title={exact(at)} className="font-mono text-ink-muted text-xs tabular-nums">
            {clock(at)}
          </time>
        </DisclosureButton>
        <span className="truncate font-medium font-mono text-[0.8125rem] text-ink">{call.tool ?? call.method}</span>
        <span className="flex min-w-0 max-w-36 flex-wrap justify-end gap-1 justify-self-end md:max-w-none md:justify-start md:justify-self-start">
          <DecisionBadge code={call.code} wouldDeny={call.wouldDeny} />
          {call.shadowCode !== null && call.shadowCode !== call.code && (
            <Badge
              tone="hold"
              title={`Version ${call.shadowVersion}, in shadow, would have answered ${call.shadowCode}`}
            >
              <Ghost aria-hidden="true" />
              {decisionLook(call.shadowCode).label}
            </Badge>
          )}
        </span>
        <span className="col-span-2 truncate pl-5 text-ink-muted text-xs md:col-span-1 md:pl-0">
          {[grantLabel, serverName, call.clientName].filter(Boolean).join(" · ")}
        </span>
        <span className="justify-self-end text-ink-muted text-xs tabular-nums">
          {call.upstreamMs === null ? "" : ms(call.upstreamMs)}
        </span>
      </div>
      {open && (
        <dl
          id={detailsId}
          className="grid gap-x-6 gap-y-2 border-t bg-canvas px-4 py-3 text-sm sm:grid-cols-[9rem_minmax(0,1fr)] sm:px-8"
        >
          <Fact term="Story">
            <Link href={`/calls/${call.id}`} className="font-medium text-accent underline-offset-4 hover:underline">
              The whole story
            </Link>
          </Fact>
          <Fact term="Message">{call.message || "none"}</Fact>
          <Fact term="Decision">
            <code className="font-mono text-xs">{call.code}</code>
            {call.wouldDeny && <span className="text-ink-muted"> in shadow mode: forwarded all the same</span>}
          </Fact>
          <Fact term="Rule">
            <code className="break-all font-mono text-xs">{call.rule}</code>
          </Fact>
          {call.shadowCode !== null && (
            <Fact term="In shadow">
              Version {call.shadowVersion} would have answered{" "}
              <code className="font-mono text-xs">{call.shadowCode}</code>
              {call.shadowRule && (
                <>
                  {" "}
                  by <code className="break-all font-mono text-xs">{call.shadowRule}</code>
                </>
              )}
            </Fact>
          )}
          <Fact term="Policy">
            {call.policyId ? (
              <Link
                href={`/policies/${call.policyId}?tab=versions`}
                className="text-accent underline-offset-4 hover:underline"
              >
                version {call.policyVersion}
              </Link>
            ) : (
              "none"
            )}
          </Fact>
          <Fact term="Outcome">
            {outcomeWords[call.outcome] ?? call.outcome}
            {call.upstreamStatus !== null && <span className="text-ink-muted"> · HTTP {call.upstreamStatus}</span>}
          </Fact>
          <Fact term="Time">
            <span className="tabular-nums">
              {call.upstreamMs !== null && <>{ms(call.upstreamMs)} on the server</>}
              {call.upstreamMs !== null && call.gatewayMs !== null && " · "}
              {call.gatewayMs !== null && <>{ms(call.gatewayMs)} in the gateway</>}
              {call.upstreamMs === null && call.gatewayMs === null && "not measured"}
            </span>
          </Fact>
          {call.approvalId && (
            <Fact term="Approval">
              <Link href={`/approvals/${call.approvalId}`} className="text-accent underline-offset-4 hover:underline">
                asked a person
              </Link>
            </Fact>
          )}
          <Fact term="Arguments">
            {call.argumentKeys.length === 0 ? (
              "none"
            ) : (
              <code className="break-all font-mono text-xs">{call.argumentKeys.join(", ")}</code>
            )}
          </Fact>
          <Fact term="Method">
            <code className="font-mono text-xs">{call.method}</code>
          </Fact>
          {call.sessionId && (
            <Fact term="Session">
              <code className="break-all font-mono text-xs">{call.sessionId}</code>
            </Fact>
          )}
          <Fact term="Decision id">
            <span className="inline-flex items-center gap-1">
              <code className="break-all font-mono text-xs">{call.id}</code>
              <CopyButton text={call.id} label="Copy the decision id" iconOnly />
            </span>
          </Fact>
          <Fact term="At">
            <span className="tabular-nums">{exact(at)}</span>
          </Fact>
        </dl>
      )}
    </li>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-muted sm:text-right">{term}</dt>
      <dd className="mb-1.5 min-w-0 break-words text-ink sm:mb-0">{children}</dd>
    </>
  );
}

/** "14:03:27" today, "3 May 14:03" on other days. */
function clock(at: Date): string {
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday
    ? at.toLocaleTimeString("en-GB")
    : at
        .toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })
        .replace(",", "");
}

function exact(at: Date): string {
  return at.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "long" });
}

function ms(value: number): string {
  if (value >= 10_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${value >= 10 ? Math.round(value) : value.toFixed(1)} ms`;
}
