"use client";
import { History, SquareArrowOutUpRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { DecisionBadge } from "../decision-badge.tsx";
import { Button } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import { Select } from "../ui/select.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { type Backtest, backtestSentence, type ChangedCall, type RunBacktest } from "./proof.ts";

const ranges = [
  { hours: 24, label: "24 hours" },
  { hours: 7 * 24, label: "7 days" },
  { hours: 30 * 24, label: "30 days" },
];

type State =
  | { kind: "idle" }
  | { kind: "running" }
  | { kind: "failed"; detail: string }
  | { kind: "done"; backtest: Backtest };

/** Replays a document over the calls on record, and lists those that it would decide otherwise. */
export function BacktestPanel({
  document,
  run,
  callHref,
}: {
  document: string;
  run: RunBacktest;
  callHref: (call: ChangedCall) => string;
}) {
  const [hours, setHours] = useState(7 * 24);
  const [state, setState] = useState<State>({ kind: "idle" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function start(wanted: number) {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setHours(wanted);
    setState({ kind: "running" });
    const answer = await run(document, wanted, controller.signal);
    if (running.current !== controller) return;
    if (answer === null) setState({ kind: "idle" });
    else setState(answer.ok ? { kind: "done", backtest: answer.backtest } : { kind: "failed", detail: answer.detail });
  }

  // The first replay needs no click.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each time the panel is shown
  useEffect(() => void start(hours), []);

  return (
    <div className="grid gap-2.5">
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-ink-muted text-sm">Replay over the last</span>
        <Select
          aria-label="Time to replay"
          className="h-7.5 w-28 text-sm"
          value={String(hours)}
          onValueChange={(value) => void start(Number(value))}
          options={ranges.map(({ hours, label }) => ({ value: String(hours), label }))}
        />
        {state.kind === "running" ? (
          <Button size="sm" onClick={() => running.current?.abort()}>
            Cancel
          </Button>
        ) : (
          <Button size="sm" onClick={() => void start(hours)}>
            <History aria-hidden="true" />
            Replay again
          </Button>
        )}
      </div>
      <div role="status" className="text-sm">
        {state.kind === "running" && (
          <span className="inline-flex items-center gap-2 text-ink-muted">
            <Spinner /> Replaying the calls on record…
          </span>
        )}
        {state.kind === "idle" && <span className="text-ink-muted">Cancelled. Nothing was compared.</span>}
        {state.kind === "done" && <p className="font-medium text-ink">{backtestSentence(state.backtest)}</p>}
      </div>
      {state.kind === "failed" && (
        <Callout tone="danger" role="alert" title="The calls could not be replayed">
          {state.detail}
        </Callout>
      )}
      {state.kind === "done" && <Found backtest={state.backtest} callHref={callHref} />}
    </div>
  );
}

function Found({ backtest, callHref }: { backtest: Backtest; callHref: (call: ChangedCall) => string }) {
  return (
    <>
      {backtest.unknown > 0 && (
        <p className="text-ink-muted text-xs">
          Unknown: the values of arguments that this draft looks at were not on record, so nothing is guessed.
        </p>
      )}
      {backtest.notDecided > 0 && (
        <p className="text-ink-muted text-xs">
          {backtest.notDecided.toLocaleString("en")} of the calls were answered before any policy, e.g. while frozen;
          they stay as they were.
        </p>
      )}
      {backtest.truncated && (
        <p className="text-ink-muted text-xs">
          There were more calls than are replayed at once; the oldest are left out.
        </p>
      )}
      {backtest.changed.length > 0 && (
        <ul aria-label="Calls that would change" className="max-h-64 divide-y overflow-y-auto rounded-md border">
          {backtest.changed.map((call) => (
            <ChangedRow key={call.callId} call={call} href={callHref(call)} />
          ))}
        </ul>
      )}
    </>
  );
}

function ChangedRow({ call, href }: { call: ChangedCall; href: string }) {
  return (
    <li className="relative grid gap-x-3 gap-y-1 px-3 py-2 text-sm hover:bg-raised/60 sm:grid-cols-[minmax(0,1fr)_auto]">
      <a href={href} target="_blank" rel="noreferrer" className="min-w-0 after:absolute after:inset-0">
        <span className="flex min-w-0 items-center gap-1.5">
          <span className="truncate font-medium font-mono text-[0.8125rem] text-ink">{call.tool}</span>
          <SquareArrowOutUpRight aria-hidden="true" className="size-3.5 shrink-0 text-ink-faint" />
          <span className="sr-only">(opens the call in a new tab)</span>
        </span>
        <span className="block text-ink-muted text-xs">
          <time dateTime={call.at}>{new Date(call.at).toLocaleString("en-GB")}</time>
          {call.grantLabel && <> · {call.grantLabel}</>}
        </span>
      </a>
      <span className="flex flex-wrap items-center gap-1.5 text-ink-muted text-xs">
        <DecisionBadge code={call.was.code} wouldDeny={false} /> <span aria-hidden="true">→</span>
        <span className="sr-only">would be</span> <DecisionBadge code={call.would.code} wouldDeny={false} />
      </span>
      {call.would.message && (
        <p className="text-ink-muted text-xs sm:col-span-2">
          {call.would.message} <code className="font-mono">{call.would.rule}</code>
        </p>
      )}
    </li>
  );
}
