"use client";
import { autocompletion } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Annotation, EditorState, Prec } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";
import type { Problem } from "../../policy/problems.ts";
import { completionSource, hoverSource } from "./completion-source.ts";
import type { EditorTool } from "./editor-tool.ts";
import { replacement } from "./history.ts";

const highlight = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-key)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: [tags.bool, tags.null], color: "var(--code-atom)" },
  { tag: [tags.brace, tags.squareBracket, tags.separator], color: "var(--ink-muted)" },
  { tag: tags.invalid, color: "var(--danger)" },
]);

// Colours are the page's own variables, so both themes are this one.
const look = EditorView.theme({
  "&": { height: "100%", fontSize: "12.5px", color: "var(--ink)", backgroundColor: "var(--surface)" },
  // The ring is drawn around the pane, because the gutter would cover one of the editor itself.
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-geist-mono), ui-monospace, monospace", lineHeight: "1.6" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in oklab, var(--raised) 60%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklab, var(--accent) 24%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--accent-soft)",
    outline: "1px solid var(--line-strong)",
  },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--raised)",
    border: "1px solid var(--line)",
    color: "var(--ink-muted)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--surface)",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
    boxShadow: "var(--shadow-pop)",
    color: "var(--ink)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--font-geist-mono), ui-monospace, monospace",
    maxHeight: "16rem",
    padding: "4px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", borderRadius: "4px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-soft)",
    color: "var(--ink)",
  },
  ".cm-completionDetail": { color: "var(--ink-muted)", fontStyle: "normal", marginLeft: "1em" },
  ".cm-tooltip.cm-completionInfo, .cm-schema-hover": {
    maxWidth: "22rem",
    padding: "6px 10px",
    fontFamily: "var(--font-geist-sans), sans-serif",
    color: "var(--ink-muted)",
  },
  ".cm-diagnostic": { padding: "6px 10px", maxWidth: "28rem", fontFamily: "var(--font-geist-sans), sans-serif" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)" },
  ".cm-searchMatch": { backgroundColor: "var(--warn-soft)", outline: "1px solid var(--warn-line)" },
});

const noTools: readonly EditorTool[] = [];

/** Marks changes that come from outside the pane, so that they are not reported back as typing. */
const fromOutside = Annotation.define<boolean>();

/** A place to go to. A new object goes there again. */
export type Jump = { from: number; to: number /** Whether the cursor goes there too. */; takesFocus: boolean };

/** The document as text. Typing is reported; changes from elsewhere are taken over without losing the cursor. */
export default function JsonPane({
  text,
  onType,
  problems,
  tools = noTools,
  jump,
  onUndo,
  onRedo,
  readOnly = false,
  label = "Policy document (JSON)",
  completes = true,
}: {
  text: string;
  onType?: (text: string) => void;
  /** Of exactly this `text`; null while they are being worked out. */
  problems?: readonly Problem[] | null;
  /** What completion knows of the server. */
  tools?: readonly EditorTool[];
  jump?: Jump | null;
  onUndo?: () => void;
  onRedo?: () => void;
  readOnly?: boolean;
  label?: string;
  /** Whether it knows the policy language: false for JSON of another kind. */
  completes?: boolean;
}) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const handlers = useRef({ onType, onUndo, onRedo, tools });
  useEffect(() => {
    handlers.current = { onType, onUndo, onRedo, tools };
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; later text comes through the next effect
  useEffect(() => {
    if (!host.current) return;
    // Undo belongs to the draft, which the tool controls change as well, so the keys go there and not to the pane's own history.
    const draftKeys = Prec.highest(
      keymap.of([
        { key: "Mod-z", run: () => call(handlers.current.onUndo), preventDefault: true },
        { key: "Mod-Shift-z", run: () => call(handlers.current.onRedo), preventDefault: true },
        { key: "Mod-y", run: () => call(handlers.current.onRedo), preventDefault: true },
      ]),
    );
    // Made once: an answer belongs to the very source that was asked.
    const languageData = [{ autocomplete: completionSource(() => handlers.current.tools) }];
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          draftKeys,
          basicSetup,
          json(),
          lintGutter(),
          completes
            ? [
                EditorState.languageData.of(() => languageData),
                // After a field its value is asked for.
                autocompletion({ icons: false, activateOnCompletion: ({ type }) => type === "property" }),
                hoverTooltip(hoverSource),
              ]
            : [],
          Prec.highest(syntaxHighlighting(highlight)),
          look,
          EditorView.lineWrapping,
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged || update.transactions.some((change) => change.annotation(fromOutside))) return;
            handlers.current.onType?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const changes = replacement(editor.state.doc.toString(), text);
    if (!changes) return;
    // Whoever changes a rule with a control sees where it went.
    const effects = EditorView.scrollIntoView(changes.from, { y: "center" });
    editor.dispatch({ changes, effects, annotations: fromOutside.of(true) });
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || !problems) return;
    editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(problems, editor.state.doc.length)));
  }, [problems]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || !jump) return;
    const end = editor.state.doc.length;
    const selection = { anchor: Math.min(jump.from, end), head: Math.min(jump.to, end) };
    editor.dispatch({ selection, effects: EditorView.scrollIntoView(selection.anchor, { y: "center" }) });
    if (jump.takesFocus) editor.focus();
  }, [jump]);

  return (
    <div className="relative h-full min-h-0 after:pointer-events-none after:absolute after:inset-0 after:z-10 has-[.cm-focused]:after:border-2 has-[.cm-focused]:after:border-accent">
      <div ref={host} className="h-full overflow-hidden" />
    </div>
  );
}

function call(handler: (() => void) | undefined): boolean {
  handler?.();
  return handler !== undefined;
}

function diagnosticsOf(problems: readonly Problem[], length: number): Diagnostic[] {
  return problems.map(({ from = 0, to = from, severity, message }) => ({
    from: Math.min(from, length),
    to: Math.min(Math.max(to, from), length),
    severity,
    message: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
  }));
}
