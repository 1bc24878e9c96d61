// What completions.ts knows, as CodeMirror wants it.
import {
  type Completion as CodeCompletion,
  type CompletionContext,
  type CompletionResult,
  pickedCompletion,
} from "@codemirror/autocomplete";
import type { EditorView, Tooltip } from "@codemirror/view";
import { type Completion, completionsAt, descriptionAt } from "./completions.ts";
import type { EditorTool } from "./editor-tool.ts";

const types = { field: "property", value: "enum", tool: "class", argument: "variable" } as const;

export function completionSource(toolsNow: () => readonly EditorTool[]) {
  return ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
    // A space or a new line is not yet a question.
    if (!explicit && !/[\w"$.[-]$/.test(state.sliceDoc(Math.max(0, pos - 1), pos))) return null;
    const found = completionsAt(state.doc.toString(), pos, toolsNow());
    if (!found) return null;
    // What fits is decided there; asked again with each key.
    return { from: found.from, to: found.to, filter: false, options: found.options.map(optionOf) };
  };
}

function optionOf({ label, kind, detail, info, insert, cursor }: Completion): CodeCompletion {
  return {
    label,
    type: types[kind],
    ...(detail ? { detail } : {}),
    ...(info ? { info } : {}),
    apply: (view, completion, from, to) => {
      view.dispatch({
        changes: { from, to, insert },
        selection: { anchor: from + cursor },
        userEvent: "input.complete",
        annotations: pickedCompletion.of(completion),
      });
    },
  };
}

export function hoverSource({ state }: EditorView, pos: number): Tooltip | null {
  const found = descriptionAt(state.doc.toString(), pos);
  if (!found) return null;
  return {
    pos: found.from,
    end: found.to,
    above: true,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-schema-hover";
      dom.textContent = found.words;
      return { dom };
    },
  };
}
