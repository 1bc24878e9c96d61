"use client";
import { FlaskConical } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { ParsedPolicy } from "../../policy/parse.ts";
import { Callout } from "../ui/callout.tsx";
import { Combobox } from "../ui/combobox.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import type { EditorTool } from "./editor-tool.ts";
import { argumentFields, startValues } from "./simulator/argument-form.ts";
import { type Arguments, CallArguments } from "./simulator/call-arguments.tsx";
import { Outcome, Verdict } from "./simulator/outcome.tsx";
import { type Simulation, simulate } from "./simulator/simulate.ts";
import { type Circumstances, momentOf, SituationFields, usualCircumstances } from "./simulator/situation-fields.tsx";

/** A clock that stands still would be wrong about hours after a while. */
const clockMs = 10_000;

/** Tries a call on the draft, with the gateway's own engine, in the browser. Everything that is entered decides at once. */
export function Simulator({
  tools,
  parsed,
  tool,
  onTool,
  onGo,
}: {
  tools: readonly EditorTool[];
  parsed: ParsedPolicy;
  /** By name; null before one is picked. */
  tool: string | null;
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
  const [circumstances, setCircumstances] = useState<Circumstances>(usualCircumstances);
  const picked = tools.find(({ name }) => name === tool);
  const first = useMemo(() => startValues(argumentFields(picked?.inputSchema)), [picked]);
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

/** What became of the calls before: who asks for twenty and has a limit of ten sees that ten were refused. */
function beforeWords(callsBefore: number, simulation: Simulation | null): string {
  if (callsBefore === 0 || simulation === null) return "At the same moment; they use up limits";
  if (simulation.taken.length === 0) return "No limit counts them";
  const { throughBefore } = simulation;
  if (throughBefore === callsBefore) return callsBefore === 1 ? "It went through" : `All ${callsBefore} went through`;
  return `${throughBefore} went through, ${callsBefore - throughBefore} were refused`;
}
