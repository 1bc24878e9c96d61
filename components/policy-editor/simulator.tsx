"use client";
import { FlaskConical } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { ParsedPolicy } from "../../policy/parse.ts";
import { Callout } from "../ui/callout.tsx";
import { Combobox } from "../ui/combobox.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import type { EditorTool } from "./editor-tool.ts";
import { argumentFields, recordedValues, startValues } from "./simulator/argument-form.ts";
import { type Arguments, CallArguments } from "./simulator/call-arguments.tsx";
import { Outcome, Verdict } from "./simulator/outcome.tsx";
import { type Simulation, simulate } from "./simulator/simulate.ts";
import { type Circumstances, momentOf, SituationFields, usualCircumstances } from "./simulator/situation-fields.tsx";

/** A clock that stands still would be wrong about hours after a while. */
const clockMs = 10_000;

/** A call of the log that is tried again. */
export type RecordedCall = {
  tool: string;
  /** Null where `missing` says so. */
  arguments: Readonly<Record<string, unknown>>;
  /** Paths of arguments whose values are not on record. */
  missing: readonly string[];
  at: string;
  grantLabel: string;
  clientName: string;
  sessionId: string;
};

/** Tries a call on the draft, with the gateway's own engine, in the browser. Everything that is entered decides at once. */
export function Simulator({
  tools,
  parsed,
  tool,
  recorded = null,
  onTool,
  onGo,
}: {
  tools: readonly EditorTool[];
  parsed: ParsedPolicy;
  /** By name; null before one is picked. */
  tool: string | null;
  /** What the fields of its tool start with. */
  recorded?: RecordedCall | null;
  onTool: (tool: string) => void;
  /** Leads to the place of a JSON Pointer. */
  onGo: (pointer: string) => void;
}) {
  const [lastParsed, setLastParsed] = useState(parsed);
  if (parsed.ok && parsed !== lastParsed) setLastParsed(parsed);
  const read = parsed.ok ? parsed : lastParsed;
  const policy = read.ok ? read.policy : null;

  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const clock = setInterval(() => setNow(Date.now()), clockMs);
    return () => clearInterval(clock);
  }, []);

  // Each tool keeps what was entered for it.
  const [entered, setEntered] = useState<Readonly<Record<string, Arguments>>>({});
  const [circumstances, setCircumstances] = useState<Circumstances>(() =>
    recorded === null ? usualCircumstances : { ...usualCircumstances, ...callerOf(recorded) },
  );
  const picked = tools.find(({ name }) => name === tool);
  const ofLog = recorded !== null && recorded.tool === picked?.name ? recorded : null;
  const first = useMemo(() => {
    const fields = argumentFields(picked?.inputSchema);
    return ofLog === null ? startValues(fields) : recordedValues(ofLog, fields);
  }, [picked, ofLog]);
  const args = (picked && Object.hasOwn(entered, picked.name) ? entered[picked.name] : undefined) ?? first;
  const moment = momentOf(circumstances, now) ?? now;

  const simulation = useMemo(
    () =>
      policy && picked ? simulate(policy, { tool: picked, arguments: args, now: moment, ...circumstances }) : null,
    [policy, picked, args, moment, circumstances],
  );

  if (tools.length === 0) {
    return (
      <EmptyState icon={<FlaskConical />} title="No tools to try">
        This server lists no tools.
      </EmptyState>
    );
  }
  return (
    <div className="@container grid">
      <div className="sticky top-0 z-10 grid gap-2.5 border-b bg-surface px-4 py-3">
        <Combobox
          mono
          aria-label="Tool to try"
          placeholder="Pick a tool to try…"
          value={tool ?? ""}
          options={tools.map(({ name, category, description }) => ({
            value: name,
            detail: category,
            about: description ?? undefined,
          }))}
          onTake={onTool}
        />
        {simulation && <Verdict simulation={simulation} onGo={onGo} />}
      </div>
      {!parsed.ok && (
        <Callout tone="warn" className="mx-4 mt-3">
          {policy
            ? "The draft has errors. This is the answer of the last draft that could be read."
            : "The draft has errors, so it cannot be tried yet."}
        </Callout>
      )}
      {!picked && (
        <EmptyState icon={<FlaskConical />} title="Try a call">
          Pick a tool and see how the draft decides, step by step, and what the agent would read. Nothing is called.
        </EmptyState>
      )}
      {picked && (
        <div className="grid gap-5 px-4 py-4">
          {ofLog && <RecordedNote recorded={ofLog} />}
          <CallArguments
            key={picked.name}
            inputSchema={picked.inputSchema}
            values={args}
            onChange={(values) => setEntered({ ...entered, [picked.name]: values })}
          />
          <SituationFields
            circumstances={circumstances}
            now={now}
            timezone={read.ok ? read.document.timezone : undefined}
            beforeNote={beforeWords(circumstances.callsBefore, simulation)}
            onChange={setCircumstances}
          />
          {simulation && read.ok && (
            <Outcome simulation={simulation} document={read.document} tool={picked.name} args={args} onGo={onGo} />
          )}
        </div>
      )}
    </div>
  );
}

/** Which of the fields are of the call, and which are not. */
function RecordedNote({ recorded: { at, missing, ...call } }: { recorded: RecordedCall }) {
  const isRead = Object.keys(call.arguments).some((name) => !missing.includes(name));
  const when = new Date(at).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "medium" });
  return (
    <Callout tone={missing.length === 0 ? "info" : "warn"} title={`The call of ${when}`}>
      {missing.length === 0 ? (
        "Its arguments are filled in as they were."
      ) : (
        <>
          Not on record, so not as it was: <span className="font-mono text-xs">{missing.join(", ")}</span>. Fill in what
          it was before you rely on the answer.
        </>
      )}
      {isRead && " That you read its values is on the audit log."}
    </Callout>
  );
}

function callerOf({ grantLabel, clientName, sessionId }: RecordedCall): Partial<Circumstances> {
  return { grantLabel, clientName, sessionId };
}

/** What became of the calls before: who asks for twenty and has a limit of ten sees that ten were refused. */
function beforeWords(callsBefore: number, simulation: Simulation | null): string {
  if (callsBefore === 0 || simulation === null) return "At the same moment; they use up limits";
  if (simulation.taken.length === 0) return "No limit counts them";
  const { throughBefore } = simulation;
  if (throughBefore === callsBefore) return callsBefore === 1 ? "It went through" : `All ${callsBefore} went through`;
  return `${throughBefore} went through, ${callsBefore - throughBefore} were refused`;
}
