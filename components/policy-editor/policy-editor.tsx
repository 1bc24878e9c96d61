"use client";
import { CircleCheck, Redo2, Rocket, Undo2 } from "lucide-react";
import dynamic from "next/dynamic";
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import type { ParsedPolicy } from "../../policy/parse.ts";
import type { Problem } from "../../policy/problems.ts";
import type { PolicyDocument } from "../../policy/schema.ts";
import { parseWithTools } from "../../policy/warn-tools.ts";
import { Button } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import { cn } from "../ui/cn.ts";
import { Skeleton } from "../ui/skeleton.tsx";
import type { SaveDraft } from "./autosave.ts";
import type { Jump } from "./json-pane.tsx";
import { ProblemList } from "./problem-list.tsx";
import { type PublishAnswer, PublishDialog, type Published, publishedSentence } from "./publish-dialog.tsx";
import { SaveIndicator } from "./save-indicator.tsx";
import { type EditorTool, ToolLanes } from "./tool-lanes.tsx";
import { type LoadDraft, useDraft } from "./use-draft.ts";

const JsonPane = dynamic(() => import("./json-pane.tsx"), { ssr: false, loading: () => <PaneSkeleton /> });

type Pane = "tools" | "json";

/** The draft of a policy: as JSON, and as one control for each tool. Both write the same document. */
export function PolicyEditor({
  tools,
  start,
  activeDocument,
  readOnly,
  save,
  load,
  publish,
}: {
  tools: readonly EditorTool[];
  start: { text: string; revision: number };
  /** The text that is enforced now. */
  activeDocument: string;
  readOnly: boolean;
  save: SaveDraft;
  load: LoadDraft;
  publish: (seenRevision: number, note: string) => Promise<PublishAnswer>;
}) {
  const draft = useDraft({ ...start, save, load });
  const [pane, setPane] = useState<Pane>("tools");
  const [jump, setJump] = useState<Jump | null>(null);
  const [asking, setAsking] = useState(false);
  const [published, setPublished] = useState<Published | null>(null);

  // Reading 256 KiB takes longer than a keystroke may, so the pane never waits for it; a control shows its new state at once.
  const deferredText = useDeferredValue(draft.text);
  const readText = draft.isTyping ? deferredText : draft.text;
  const present = useMemo(() => tools.filter(({ state }) => state !== "gone"), [tools]);
  const parsed = useMemo(() => parseWithTools(readText, present), [readText, present]);
  const document = useLastDocument(parsed);
  const problems = parsed.problems;
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const warnings = problems.length - errors;
  const isPublished = draft.text === activeDocument;

  const { undo, redo } = draft;
  useUndoKeys(undo, redo);

  const go = useCallback((problem: Problem) => {
    const from = problem.from ?? 0;
    setPane("json");
    setJump({ from, to: problem.to ?? from });
  }, []);

  async function confirmPublish(note: string): Promise<PublishAnswer> {
    const revision = await draft.flush();
    if (revision === null) return { ok: false, detail: "The draft could not be saved, so it was not published." };
    const answer = await publish(revision, note);
    if (answer.ok) setPublished(answer.published);
    return answer;
  }

  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="flex items-center gap-1">
          <Button
            size="icon"
            variant="ghost"
            aria-label="Undo"
            title="Undo"
            disabled={!draft.canUndo || readOnly}
            onClick={undo}
          >
            <Undo2 aria-hidden="true" />
          </Button>
          <Button
            size="icon"
            variant="ghost"
            aria-label="Redo"
            title="Redo"
            disabled={!draft.canRedo || readOnly}
            onClick={redo}
          >
            <Redo2 aria-hidden="true" />
          </Button>
        </div>
        <SaveIndicator state={draft.saveState} />
        <PaneSwitch pane={pane} onChange={setPane} className="xl:hidden" />
        <div className="ml-auto flex items-center gap-3">
          <span className="hidden text-ink-muted text-sm sm:inline">
            {isPublished ? "No changes since the live version" : "Draft differs from the live version"}
          </span>
          {!readOnly && (
            <Button
              variant="primary"
              disabled={errors > 0 || isPublished || draft.saveState.kind === "conflict"}
              onClick={() => setAsking(true)}
            >
              <Rocket aria-hidden="true" />
              Publish
            </Button>
          )}
        </div>
      </div>

      {draft.saveState.kind === "conflict" && <Conflict takeTheirs={draft.takeTheirs} keepMine={draft.keepMine} />}
      {draft.saveState.kind === "failed" && (
        <Callout tone="danger" role="alert" title="The draft could not be saved">
          {draft.saveState.detail}
        </Callout>
      )}
      {published && (
        <Callout tone="ok" role="status" title={publishedSentence(published)}>
          Calls are decided by it from now on; nobody has to reconnect.
        </Callout>
      )}

      <div className="grid min-h-0 overflow-hidden rounded-lg border bg-surface xl:h-[max(34rem,calc(100dvh-15rem))] xl:grid-cols-2">
        <section
          aria-label="Tools"
          className={cn(
            "h-[70dvh] min-h-96 min-w-0 flex-col xl:flex xl:h-full xl:min-h-0 xl:border-r",
            pane === "tools" ? "flex" : "hidden",
          )}
        >
          {errors > 0 && (
            <p className="border-b bg-raised/50 px-3 py-2 text-ink-muted text-sm">
              The controls work again when the document has no errors.
            </p>
          )}
          <ToolLanes tools={tools} document={document} disabled={readOnly || !parsed.ok} onEdits={draft.edit} />
        </section>
        <section
          aria-label="JSON"
          className={cn(
            "h-[70dvh] min-h-96 min-w-0 flex-col xl:flex xl:h-full xl:min-h-0",
            pane === "json" ? "flex" : "hidden",
          )}
        >
          <div className="min-h-0 flex-1">
            <JsonPane
              text={draft.text}
              onType={draft.type}
              problems={readText === draft.text ? problems : null}
              jump={jump}
              onUndo={undo}
              onRedo={redo}
              readOnly={readOnly}
            />
          </div>
          <div className="border-t">
            <p role="status" className="flex items-center gap-1.5 px-3 py-1.5 text-ink-muted text-xs">
              {problems.length === 0 && <CircleCheck aria-hidden="true" className="size-3.5 text-ok" />}
              {problemWords(errors, warnings)}
            </p>
            {problems.length > 0 && (
              <div className="border-t">
                <ProblemList problems={problems} onGo={go} />
              </div>
            )}
          </div>
        </section>
      </div>

      <PublishDialog
        open={asking}
        onOpenChange={setAsking}
        title="Publish this draft"
        description="It becomes a version that never changes and decides every call of the grants that use this policy."
        confirmLabel="Publish"
        warnings={warnings}
        publish={confirmPublish}
      />
    </div>
  );
}

function problemWords(errors: number, warnings: number): string {
  if (errors + warnings === 0) return "No problems";
  const words = [];
  if (errors > 0) words.push(errors === 1 ? "1 error" : `${errors} errors`);
  if (warnings > 0) words.push(warnings === 1 ? "1 warning" : `${warnings} warnings`);
  return words.join(", ");
}

/** While the text has errors, the tools keep showing the last document that could be read. */
function useLastDocument(parsed: ParsedPolicy): PolicyDocument | null {
  const [last, setLast] = useState<PolicyDocument | null>(parsed.ok ? parsed.document : null);
  if (parsed.ok && parsed.document !== last) setLast(parsed.document);
  return parsed.ok ? parsed.document : last;
}

/** Undo keys outside of text fields; the JSON pane has the same keys itself. */
function useUndoKeys(undo: () => void, redo: () => void) {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (target?.closest("input:not([type=radio]), textarea, [contenteditable=true], [role=dialog]")) return;
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) undo();
      else if ((key === "z" && event.shiftKey) || key === "y") redo();
      else return;
      event.preventDefault();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [undo, redo]);
}

function Conflict({
  takeTheirs,
  keepMine,
}: {
  takeTheirs: () => Promise<string | null>;
  keepMine: () => Promise<string | null>;
}) {
  const [pending, setPending] = useState<"theirs" | "mine" | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  async function choose(which: "theirs" | "mine") {
    setPending(which);
    setFailure(await (which === "theirs" ? takeTheirs() : keepMine()));
    setPending(null);
  }

  return (
    <Callout
      tone="warn"
      role="alert"
      title="Someone else changed this draft"
      actions={
        <>
          <Button size="sm" loading={pending === "theirs"} onClick={() => void choose("theirs")}>
            Load theirs
          </Button>
          <Button size="sm" loading={pending === "mine"} onClick={() => void choose("mine")}>
            Keep mine
          </Button>
        </>
      }
    >
      Nothing is overwritten until you choose. After loading theirs, Undo brings your text back.
      {failure && <span className="block text-danger">{failure}</span>}
    </Callout>
  );
}

function PaneSwitch({ pane, onChange, className }: { pane: Pane; onChange: (pane: Pane) => void; className?: string }) {
  const panes: readonly [Pane, string][] = [
    ["tools", "Tools"],
    ["json", "JSON"],
  ];
  return (
    <fieldset aria-label="View" className={cn("inline-flex rounded-md border bg-surface p-0.5", className)}>
      {panes.map(([value, label]) => (
        <button
          key={value}
          type="button"
          aria-pressed={pane === value}
          onClick={() => onChange(value)}
          className={cn(
            "h-6.5 rounded px-2.5 font-medium text-ink-muted text-sm hover:text-ink",
            pane === value && "bg-accent-soft text-accent",
          )}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}

function PaneSkeleton() {
  return (
    <div role="status" className="grid gap-2.5 p-4">
      <span className="sr-only">Loading the editor…</span>
      {["w-1/4", "w-2/5", "w-1/3", "w-3/5", "w-1/2", "w-1/4"].map((width, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines never move
        <Skeleton key={line} className={cn("h-3.5", width)} />
      ))}
    </div>
  );
}
