"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { explain } from "../../policy/explain.ts";
import { exposure } from "../../policy/exposure.ts";
import type { ParsedPolicy } from "../../policy/parse.ts";
import {
  fromTraffic,
  type StartingPointId,
  startingDocument,
  startingPoints,
  type Traffic,
} from "../../policy/starting-points.ts";
import { parseWithTools } from "../../policy/warn-tools.ts";
import { SentenceText } from "../sentence-text.tsx";
import { Callout } from "../ui/callout.tsx";
import { ChoiceCards } from "../ui/choice-cards.tsx";
import { Field } from "../ui/field.tsx";
import { Select } from "../ui/select.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Textarea } from "../ui/textarea.tsx";
import type { EditorTool } from "./editor-tool.ts";
import { ExposureMeter } from "./exposure-meter.tsx";
import { TrafficTable } from "./traffic-table.tsx";

/** Where documents can come from besides those that are made here. The loaders throw with a sentence when they cannot. */
export type StartingSources = {
  serverId: string;
  loadTraffic: (days: number, signal: AbortSignal) => Promise<Traffic>;
  policies: readonly { id: string; name: string; serverName: string }[];
  loadPolicy: (id: string, signal: AbortSignal) => Promise<string>;
};

type Choice = StartingPointId | "traffic" | "copy" | "paste";

/** The choice of a document to begin with. `text` is null while there is none; `trouble` says why. */
export function useStartingPoint(tools: readonly EditorTool[], sources: StartingSources) {
  const [choice, setChoice] = useState<Choice>("recommended");
  const [pasted, setPasted] = useState("");
  const [policyId, setPolicyId] = useState<string | null>(null);
  const [days, setDays] = useState(7);
  const present = useMemo(() => tools.filter(({ state }) => state !== "gone"), [tools]);
  const traffic = useQuery({
    queryKey: ["starting-point", "traffic", sources.serverId, days],
    queryFn: ({ signal }) => sources.loadTraffic(days, signal),
    enabled: choice === "traffic",
  });
  const copied = useQuery({
    queryKey: ["starting-point", "policy", policyId],
    queryFn: ({ signal }) => (policyId === null ? null : sources.loadPolicy(policyId, signal)),
    enabled: choice === "copy" && policyId !== null,
  });
  const seen = traffic.data && traffic.data.calls > 0 ? traffic.data : null;
  const text = useMemo(() => {
    if (choice === "paste") return pasted.trim() === "" ? null : pasted;
    if (choice === "copy") return copied.data ?? null;
    if (choice === "traffic") return seen && fromTraffic(seen, present);
    return startingDocument(choice, present);
  }, [choice, pasted, copied.data, seen, present]);
  const parsed = useMemo(() => (text === null ? null : parseWithTools(text, present)), [text, present]);
  return {
    choice,
    setChoice,
    pasted,
    setPasted,
    policyId,
    setPolicyId,
    days,
    setDays,
    present,
    traffic,
    copied,
    sources,
    text,
    parsed,
    /** Why it cannot be used as it is. */
    trouble: text === null ? missing(choice) : firstError(parsed),
  };
}

export type StartingPoint = ReturnType<typeof useStartingPoint>;

function missing(choice: Choice): string {
  if (choice === "paste") return "Paste a policy document.";
  if (choice === "copy") return "Choose a policy to copy.";
  return "There is no traffic to start from.";
}

function firstError(parsed: ParsedPolicy | null): string | null {
  if (!parsed || parsed.ok) return null;
  const [first, ...more] = parsed.problems.filter((problem) => problem.severity === "error");
  if (!first) return null;
  const place = first.line === undefined ? "" : `Line ${first.line}: `;
  return `${place}${first.message}.${more.length > 0 ? ` And ${more.length} more.` : ""}`;
}

export function StartingPointFields({ point, tried }: { point: StartingPoint; tried: boolean }) {
  const { choice, sources } = point;
  return (
    <div className="grid gap-4">
      <ChoiceCards
        label="Start from"
        value={choice}
        onChange={(value) => point.setChoice(value as Choice)}
        choices={[
          ...startingPoints.map(({ id, title, about }) => ({ value: id, title, about })),
          { value: "traffic", title: "Real traffic", about: "Tools that were used, at the rates that were seen." },
          { value: "copy", title: "Copy a policy", about: "The live version of another one, of any server." },
          { value: "paste", title: "Paste JSON", about: "A policy document you already have." },
        ]}
      />
      {choice === "paste" && (
        <Field label="Policy document (JSON)" error={point.pasted.trim() !== "" || tried ? point.trouble : null}>
          {(control) => (
            <Textarea
              {...control}
              rows={10}
              spellCheck={false}
              className="min-h-48 font-mono text-xs"
              placeholder={'{\n  "version": "1",\n  "default": "deny",\n  "tools": {}\n}'}
              value={point.pasted}
              onChange={(event) => point.setPasted(event.target.value)}
            />
          )}
        </Field>
      )}
      {choice === "copy" &&
        (sources.policies.length === 0 ? (
          <p className="text-ink-muted text-sm">There is no other policy to copy yet.</p>
        ) : (
          <Field label="Policy to copy" error={tried ? point.trouble : null}>
            {(control) => (
              <Select
                {...control}
                value={point.policyId ?? ""}
                onValueChange={point.setPolicyId}
                placeholder="Choose a policy"
                options={sources.policies.map(({ id, name, serverName }) => ({
                  value: id,
                  label: name,
                  hint: `on ${serverName}`,
                }))}
              />
            )}
          </Field>
        ))}
      {choice === "traffic" && <FromTraffic point={point} />}
      {choice === "copy" && <Loading query={point.copied} what="policy" />}
      {point.parsed?.ok && <Preview point={point} parsed={point.parsed} />}
    </div>
  );
}

function FromTraffic({ point }: { point: StartingPoint }) {
  const { traffic, days } = point;
  return (
    <div className="grid gap-2">
      <div className="flex items-center gap-2 text-ink-muted text-sm">
        Calls of the last
        <Select
          aria-label="Days of traffic"
          className="h-7.5 w-28 text-sm"
          value={String(days)}
          onValueChange={(value) => point.setDays(Number(value))}
          options={[1, 7, 30].map((each) => ({ value: String(each), label: each === 1 ? "1 day" : `${each} days` }))}
        />
      </div>
      <Loading query={traffic} what="traffic" />
      {traffic.data?.calls === 0 && (
        <Callout title={`No calls in the last ${days === 1 ? "day" : `${days} days`}`}>
          Give an agent a grant on this server and let it work, in shadow if you like; then its calls make the policy.
        </Callout>
      )}
      {traffic.data && traffic.data.calls > 0 && <TrafficTable traffic={traffic.data} />}
    </div>
  );
}

function Loading({ query, what }: { query: StartingPoint["traffic"] | StartingPoint["copied"]; what: string }) {
  if (query.isError) {
    return (
      <Callout tone="danger" role="alert" title={`The ${what} could not be loaded`}>
        {query.error.message}
      </Callout>
    );
  }
  return query.isFetching && !query.data ? <SkeletonRows label={`Loading the ${what}`} rows={3} /> : null;
}

function Preview({ point, parsed }: { point: StartingPoint; parsed: ParsedPolicy & { ok: true } }) {
  const { present } = point;
  const now = useMemo(() => exposure(parsed.policy, present), [parsed, present]);
  const said = useMemo(() => explain(parsed.policy), [parsed]);
  const lacking = parsed.problems.filter(({ code }) => code === "unknown_tool");
  return (
    <section aria-label="Preview" className="grid gap-2 rounded-md border bg-raised/50 px-3 py-2.5">
      <ExposureMeter before={null} now={now} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable with the keyboard */}
      <ul aria-label="In words" tabIndex={0} className="grid max-h-40 gap-1 overflow-y-auto text-ink text-sm">
        {said.map(({ pointer, sentence }) => (
          <li key={pointer + sentence} className="break-words">
            <SentenceText text={sentence} />
          </li>
        ))}
      </ul>
      {lacking.length > 0 && (
        <Callout
          tone="warn"
          title={
            lacking.length === 1 ? "This server lacks 1 tool of it" : `This server lacks ${lacking.length} tools of it`
          }
        >
          {lacking.slice(0, 4).map(({ pointer, message }) => (
            <span key={pointer} className="block">
              <SentenceText text={message} />
            </span>
          ))}
        </Callout>
      )}
    </section>
  );
}
