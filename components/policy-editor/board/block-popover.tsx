import { Popover } from "radix-ui";
import { useMemo } from "react";
import type { Edit } from "../../../policy/edit.ts";
import type { PolicyDocument } from "../../../policy/schema.ts";
import type { BlockChange } from "../blocks/block-change.ts";
import { BlockEditor } from "../blocks/block-editor.tsx";
import type { EditorTool } from "../editor-tool.ts";
import { useHands } from "./context.ts";
import type { Marks } from "./places.ts";
import { type BlockPlace, chipKey, placedAt, type RuleAt, ruleOf } from "./rules.ts";
import { useBoardState } from "./store.ts";

/** The editor of one block, at its chip wherever that goes. */
export function BlockPopover({ onClose, ...board }: Omit<Parameters<typeof OpenBlock>[0], "place" | "onMoved">) {
  const { store } = useHands();
  const place = useBoardState(store, ({ open }) => open);
  if (!place) return null;
  return (
    <OpenBlock
      key={"tool" in place.owner ? place.owner.tool : place.owner.rule}
      {...board}
      place={place}
      onMoved={(next) => store.set({ open: next })}
      onClose={onClose}
    />
  );
}

function OpenBlock({
  place,
  document,
  tools,
  marks,
  disabled,
  onEdits,
  onMoved,
  onClose,
}: {
  place: BlockPlace;
  document: PolicyDocument;
  tools: readonly EditorTool[];
  marks: Marks;
  disabled: boolean;
  onEdits: (edits: Edit[]) => void;
  /** The change brought the block to another place of its rule. */
  onMoved: (place: BlockPlace) => void;
  onClose: () => void;
}) {
  const found = ruleOf(document, tools, place.owner);
  const placed = found && placedAt(found, place.at);
  // The chip is another element after every change that brings its card to another lane.
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again when the document changed
  const anchor = useMemo(() => ({ current: anchorAt(chipKey(place)) }), [place, document]);
  if (!found || !placed) return null;

  function change(next: BlockChange) {
    if (!found || !placed) return;
    const { target, rule } = found;
    if ("rateLimit" in next) return onEdits([{ kind: "set_rate_limit", target, rateLimit: next.rateLimit }]);
    if (next.list === placed.list) return onEdits([{ kind: "put_block", target, index: placed.index, ...next }]);
    onMoved({ owner: place.owner, at: `${next.list}/${rule[next.list]?.length ?? 0}` });
    onEdits([removal(found, placed), { kind: "put_block", target, index: null, ...next }]);
  }

  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Anchor virtualRef={anchor} />
      <Popover.Portal>
        <Popover.Content
          aria-label={`Block of ${nameOf(found)}`}
          // Beside the card, which shows at once what a change does to it; a phone has no beside.
          side={window.innerWidth < 640 ? "bottom" : "right"}
          align="start"
          sideOffset={6}
          collisionPadding={12}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            firstControl(event.currentTarget)?.focus();
          }}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => {
            // A choice in a list of the editor's own is made outside of it only in the page's tree.
            if (event.target instanceof Element && event.target.closest("[data-radix-popper-content-wrapper]")) {
              event.preventDefault();
            }
          }}
          className="z-40 grid max-h-[min(var(--radix-popover-content-available-height),36rem)] w-[min(23rem,calc(100vw-1.5rem))] animate-enter gap-3 overflow-y-auto rounded-xl border bg-surface p-3.5 shadow-pop"
        >
          <BlockEditor
            placed={placed}
            tool={found.tool}
            timezone={document.timezone}
            problems={marks.within(found.pointer)}
            disabled={disabled}
            onChange={change}
            onRemove={() => {
              onEdits([removal(found, placed)]);
              onClose();
            }}
          />
          {isInherited(found) && !disabled && (
            <p className="border-t pt-2.5 text-ink-muted text-xs">
              It comes from {sourceWords(found)}. A change here gives{" "}
              <span className="font-mono text-ink">{nameOf(found)}</span> a rule of its own.
            </p>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function removal({ target }: RuleAt, { list, index }: { list: string; index: number }): Edit {
  if (list === "rate_limit") return { kind: "set_rate_limit", target, rateLimit: null };
  return { kind: "remove_block", target, list: list as "limits", index };
}

function nameOf({ tool, target }: RuleAt): string {
  if (tool) return tool.name;
  if ("entry" in target) return target.entry;
  return "category" in target && target.category !== undefined ? target.category : "all tools";
}

function isInherited({ tool, pointer }: RuleAt): boolean {
  return tool !== null && pointer !== `/tools/${tool.name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function sourceWords({ pointer, tool }: RuleAt): string {
  return pointer.startsWith("/categories/") ? `the rule for ${tool?.category} tools` : "a pattern's rule";
}

function anchorAt(key: string): { getBoundingClientRect: () => DOMRect } {
  let last = new DOMRect(window.innerWidth / 2, window.innerHeight / 3, 0, 0);
  return {
    getBoundingClientRect: () => {
      const chip = document.querySelector(`[data-block="${CSS.escape(key)}"]`);
      if (chip) last = chip.getBoundingClientRect();
      return last;
    },
  };
}

function firstControl(content: EventTarget | null): HTMLElement | null {
  if (!(content instanceof HTMLElement)) return null;
  const control = content.querySelector<HTMLElement>(
    "input:not([type=hidden], :disabled), textarea:not(:disabled), [role=combobox]:not(:disabled), [role=radio], [role=checkbox]",
  );
  return control ?? content;
}
