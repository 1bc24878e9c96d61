"use client";
import dynamic from "next/dynamic";
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { exposure } from "../../policy/exposure.ts";
import { type ParsedPolicy, parsePolicy } from "../../policy/parse.ts";
import type { Problem } from "../../policy/problems.ts";
import type { PolicyDocument } from "../../policy/schema.ts";
import { parseWithTools } from "../../policy/warn-tools.ts";
import { Callout } from "../ui/callout.tsx";
import { cn } from "../ui/cn.ts";
import { Skeleton } from "../ui/skeleton.tsx";
import { Tabs, TabsContent } from "../ui/tabs.tsx";
import type { LoadDraft, SaveDraft } from "./autosave.ts";
import { Board } from "./board.tsx";
import { ConflictNotice } from "./draft-notices.tsx";
import type { EditorTool } from "./editor-tool.ts";
import { EditorToolbar } from "./editor-toolbar.tsx";
import { ViewTabs } from "./editor-views.tsx";
import { JsonFooter } from "./json-footer.tsx";
import type { Jump } from "./json-pane.tsx";
import { placeOf } from "./place-of.ts";
import { ProblemList } from "./problem-list.tsx";
import type { ChangedCall, RunBacktest } from "./proof.ts";
import { PublishDialog } from "./publish-dialog.tsx";
import { type PublishAnswer, type Published, publishedSentence, shadowSentence } from "./published.ts";
import { Sentences } from "./sentences.tsx";
import { PanelResizer } from "./side-panel.tsx";
import { type RecordedCall, Simulator } from "./simulator.tsx";
import { StartOverDialog } from "./start-over-dialog.tsx";
import type { StartingSources } from "./starting-point.tsx";
import { useDraft } from "./use-draft.ts";
import { useEditorView } from "./use-editor-view.ts";

const JsonPane = dynamic(() => import("./json-pane.tsx"), { ssr: false, loading: () => <PaneSkeleton /> });

/** What the editor asks of the world around it. */
export type EditorWorld = {
  save: SaveDraft;
  load: LoadDraft;
  publish: (seenRevision: number, note: string, how: "enforce" | "shadow") => Promise<PublishAnswer>;
  runBacktest: RunBacktest;
  callHref: (call: ChangedCall) => string;
  sources: StartingSources;
};

/** The draft of a policy: a board with a card for each tool, and beside it the same document as JSON, in words and to try. */
export function PolicyEditor({
  policyId,
  tools,
  start,
  activeDocument,
  readOnly,
  tryFirst = null,
  recorded = null,
  world,
}: {
  policyId: string;
  tools: readonly EditorTool[];
  start: { text: string; revision: number };
  /** The text that is enforced now. */
  activeDocument: string;
  readOnly: boolean;
  /** A tool that somebody came here to try. */
  tryFirst?: string | null;
  /** A call of the log that is tried on the draft. */
  recorded?: RecordedCall | null;
  world: EditorWorld;
}) {
  const draft = useDraft({ policyId, ...start, save: world.save, load: world.load });
  const view = useEditorView();
  const [jump, setJump] = useState<Jump | null>(null);
  const [focus, setFocus] = useState<{ pointer: string; nonce: number } | null>(null);
  const [tried, setTried] = useState<string | null>(tryFirst);
  const [dialog, setDialog] = useState<"publish" | "start" | null>(null);
  const [published, setPublished] = useState<string | null>(null);

  // Reading 256 KiB takes longer than a keystroke may, so the pane never waits for it; a control shows its new state at once.
  const deferredText = useDeferredValue(draft.text);
  const readText = draft.isTyping ? deferredText : draft.text;
  const present = useMemo(() => tools.filter(({ state }) => state !== "gone"), [tools]);
  const parsed = useMemo(() => parseWithTools(readText, present), [readText, present]);
  const active = useMemo(() => parsePolicy(activeDocument), [activeDocument]);
  const lastDocument = useLastDocument(parsed);
  const document = lastDocument ?? (active.ok ? active.document : null);
  const exposures = {
    before: useMemo(() => (active.ok ? exposure(active.policy, present) : null), [active, present]),
    now: useMemo(() => (parsed.ok ? exposure(parsed.policy, present) : null), [parsed, present]),
  };
  const { problems } = parsed;
  const warnings = useMemo(() => problems.filter(({ severity }) => severity === "warning"), [problems]);
  const errors = problems.length - warnings.length;
  const isPublished = draft.text === activeDocument;

  const { undo, redo, flush } = draft;
  useEditorKeys(undo, redo, flush);

  const { show } = view;
  useEffect(() => {
    if (tryFirst !== null) show("try");
  }, [tryFirst, show]);
  const goTo = useCallback(
    (pointer: string, place: { from: number; to: number } | null, inJson: boolean) => {
      if (place) setJump({ ...place, takesFocus: inJson });
      if (!inJson) setFocus((last) => ({ pointer, nonce: (last?.nonce ?? 0) + 1 }));
      show(inJson ? "json" : "board");
    },
    [show],
  );
  const goToProblem = useCallback(
    ({ from, to, pointer, severity }: Problem) =>
      // While there are errors the board shows the last document without any, where the place may not exist.
      goTo(pointer, from === undefined ? null : { from, to: to ?? from }, severity === "error"),
    [goTo],
  );
  const goToPointer = useCallback(
    (pointer: string) => goTo(pointer, placeOf(readText, pointer), false),
    [goTo, readText],
  );
  const tryTool = useCallback(
    (tool: string) => {
      setTried(tool);
      show("try");
    },
    [show],
  );

  async function confirmPublish(note: string, how: "enforce" | "shadow"): Promise<PublishAnswer> {
    const revision = await flush();
    if (revision === null) return { ok: false, detail: "The draft could not be saved, so it was not published." };
    const answer = await world.publish(revision, note, how);
    if (answer.ok) setPublished(wordsOf(answer.published, how));
    return answer;
  }

  return (
    <Tabs value={view.tab} onValueChange={view.showNamed} className="grid gap-3">
      <EditorToolbar
        draft={draft}
        readOnly={readOnly}
        isPublished={isPublished}
        exposures={exposures}
        isPanelOpen={view.isPanelOpen}
        onTogglePanel={view.isWide ? view.togglePanel : null}
        onStartOver={() => setDialog("start")}
        onPublish={errors > 0 || isPublished || draft.saveState.kind === "conflict" ? null : () => setDialog("publish")}
      />
      {draft.saveState.kind === "conflict" && (
        <ConflictNotice
          mine={draft.text}
          theirs={draft.saveState.theirs}
          tools={present}
          takeTheirs={draft.takeTheirs}
          keepMine={draft.keepMine}
        />
      )}
      {draft.saveState.kind === "failed" && (
        <Callout tone="danger" role="alert" title="The draft could not be saved">
          {draft.saveState.detail}
        </Callout>
      )}
      {published && <Callout tone="ok" role="status" title={published} />}

      {!view.isWide && <ViewTabs withBoard problems={problems.length} />}
      <div className="flex min-h-0 min-w-0 overflow-hidden rounded-lg border bg-surface xl:h-[max(34rem,calc(100dvh-14rem))]">
        <TabsContent
          value="board"
          forceMount
          // Beside the panel it is no tab.
          {...(view.isWide ? { role: "region", "aria-labelledby": undefined, tabIndex: undefined } : {})}
          aria-label="Board"
          className={cn(
            "h-[75dvh] min-h-96 min-w-0 flex-1 flex-col xl:h-full xl:min-h-0",
            view.isBoardShown ? "flex" : "hidden",
          )}
        >
          {errors > 0 && (
            <p role="status" className="border-b bg-warn-soft px-3 py-2 text-ink text-sm">
              The JSON has {errors === 1 ? "an error" : `${errors} errors`}, so the board shows{" "}
              {lastDocument ? "the last document without one" : "what is live"} and cannot be edited.
            </p>
          )}
          <div className="min-h-0 min-w-0 flex-1">
            <Board
              tools={tools}
              document={document}
              problems={problems}
              disabled={readOnly || !parsed.ok}
              onEdits={draft.edit}
              focus={focus}
              onTry={tryTool}
            />
          </div>
        </TabsContent>
        {view.isWide && view.isPanelOpen && <PanelResizer value={view.width} onChange={view.setWidth} />}
        <aside
          aria-label="Side panel"
          style={view.isWide ? { width: `${view.width}%` } : undefined}
          className={cn(
            "h-[75dvh] min-h-96 min-w-0 flex-col max-xl:w-full xl:h-full xl:min-h-0 xl:shrink-0",
            view.isPanelShown ? "flex" : "hidden",
          )}
        >
          {view.isWide && <ViewTabs problems={problems.length} />}
          <TabsContent value="json" forceMount className={panelStyle}>
            <div className="min-h-0 flex-1">
              <JsonPane
                text={draft.text}
                onType={draft.type}
                problems={readText === draft.text ? problems : null}
                tools={present}
                jump={jump}
                onUndo={undo}
                onRedo={redo}
                readOnly={readOnly}
              />
            </div>
            <JsonFooter
              text={draft.text}
              problems={problems}
              onGo={goToProblem}
              onFormat={readOnly || !parsed.ok ? null : draft.replace}
            />
          </TabsContent>
          <TabsContent value="words" className={cn(panelStyle, "overflow-y-auto")}>
            <Sentences parsed={parsed} tools={present} onGo={goToPointer} />
          </TabsContent>
          {/* What is being tried is kept while another view is looked at. */}
          <TabsContent value="try" forceMount className={cn(panelStyle, "overflow-y-auto")}>
            {(view.hasBeen("try") || tried !== null) && (
              <Simulator
                tools={present}
                parsed={parsed}
                tool={tried}
                recorded={recorded}
                onTool={setTried}
                onGo={goToPointer}
              />
            )}
          </TabsContent>
          <TabsContent value="problems" className={cn(panelStyle, "overflow-y-auto")}>
            <ProblemList problems={problems} onGo={goToProblem} />
          </TabsContent>
        </aside>
      </div>

      <PublishDialog
        open={dialog === "publish"}
        onOpenChange={(open) => setDialog(open ? "publish" : null)}
        text={draft.text}
        before={active.ok ? active.document : null}
        after={parsed.ok ? parsed.document : null}
        tools={present}
        exposures={exposures}
        warnings={warnings}
        runBacktest={world.runBacktest}
        callHref={world.callHref}
        publish={confirmPublish}
      />
      <StartOverDialog
        open={dialog === "start"}
        onOpenChange={(open) => setDialog(open ? "start" : null)}
        tools={tools}
        sources={world.sources}
        onStart={draft.replace}
      />
    </Tabs>
  );
}

const panelStyle = "flex min-h-0 flex-1 flex-col data-[state=inactive]:hidden";

function wordsOf(published: Published, how: "enforce" | "shadow"): string {
  return how === "enforce" ? publishedSentence(published) : shadowSentence(published);
}

/** While the text has errors, the board keeps showing the last document that could be read. */
function useLastDocument(parsed: ParsedPolicy): PolicyDocument | null {
  const [last, setLast] = useState<PolicyDocument | null>(parsed.ok ? parsed.document : null);
  if (parsed.ok && parsed.document !== last) setLast(parsed.document);
  return parsed.ok ? parsed.document : last;
}

/** Undo and redo outside of text fields (the JSON pane has the same keys itself), and saving at once from anywhere. */
function useEditorKeys(undo: () => void, redo: () => void, flush: () => Promise<unknown>) {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      const key = event.key.toLowerCase();
      const isText = target?.closest(
        "input:not([type=radio], [type=checkbox]), textarea, [contenteditable=true], [role=dialog]",
      );
      if (key === "s" && !event.shiftKey) void flush();
      else if (isText) return;
      else if (key === "z" && !event.shiftKey) undo();
      else if ((key === "z" && event.shiftKey) || key === "y") redo();
      else return;
      event.preventDefault();
    }
    window.document.addEventListener("keydown", onKey);
    return () => window.document.removeEventListener("keydown", onKey);
  }, [undo, redo, flush]);
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
