import type { RefObject } from "react";
import type { BlockKind } from "../../../policy/blocks.ts";
import { type Edit, editDocument, type Lane } from "../../../policy/edit.ts";
import type { PolicyDocument } from "../../../policy/schema.ts";
import { toast } from "../../ui/toaster.tsx";
import type { EditorTool } from "../editor-tool.ts";
import { whyNot } from "./block-kinds.ts";
import { blockEdits, laneEdits, ruleBlockEdits } from "./edits.ts";
import type { Reveal } from "./lane-column.tsx";
import { laneWords } from "./lanes.ts";
import type { Place } from "./places.ts";
import { type BlockOwner, type BlockPlace, chipKey, ruleOf } from "./rules.ts";
import { labelOf, standing } from "./speech.ts";
import type { BoardStore, Load, Target } from "./store.ts";
import type { BoardModel } from "./use-board-model.ts";

/** The board as it is now, for what happens between two drawings. */
export type LatestBoard = BoardModel & {
  document: PolicyDocument;
  tools: readonly EditorTool[];
  disabled: boolean;
  onEdits: (edits: Edit[]) => void;
  onTry: (tool: string) => void;
};

/** What can be done on the board, however it was asked for: the edits, what is said about them, and where the focus goes. */
export class BoardActs {
  readonly #store: BoardStore;
  readonly #root: RefObject<HTMLElement | null>;
  readonly #latest: RefObject<LatestBoard>;
  /** Each lane brings its own cards into sight. */
  readonly reveals = new Map<Lane, Reveal>();
  goToLane: (lane: Lane) => void = () => undefined;
  #afterChange: (() => void) | null = null;

  constructor(store: BoardStore, root: RefObject<HTMLElement | null>, latest: RefObject<LatestBoard>) {
    this.#store = store;
    this.#root = root;
    this.#latest = latest;
  }

  /** Another document is on the board: what waited for it happens now. */
  changed(): void {
    const act = this.#afterChange;
    this.#afterChange = null;
    act?.();
  }

  /** `goes`: also to a lane that is out of sight. */
  readonly focusCard = (name: string, goes = true): void => {
    this.#reach(name, (card) => card.focus({ preventScroll: true }), goes);
  };

  readonly openBlock = (place: BlockPlace): void => {
    const open = () =>
      this.#whenThere(`[data-block="${CSS.escape(chipKey(place))}"]`, (chip) => {
        chip.scrollIntoView({ block: "nearest", inline: "nearest" });
        this.#store.set({ open: place });
      });
    if ("tool" in place.owner) this.#reach(place.owner.tool, open, true);
    else open();
  };

  /** Closes the editor of a block; the focus goes to its chip again, or to the card when the block is gone. */
  readonly closeBlock = (): void => {
    const { open } = this.#store.state;
    this.#store.set({ open: null });
    if (!open) return;
    requestAnimationFrame(() => {
      // Who clicked something else is there already.
      if (document.activeElement && document.activeElement !== document.body) return;
      const chip = this.find(`[data-block="${CSS.escape(chipKey(open))}"]`);
      if (chip) chip.focus();
      else if ("tool" in open.owner) this.focusCard(open.owner.tool);
    });
  };

  /** Brings tools to a lane; `held` is the one that the person had in hand. */
  readonly move = (names: readonly string[], lane: Lane, held: string | null, goes = true): void => {
    const { document, places } = this.#latest.current;
    const tools = this.#toolsOf(names);
    const [only] = tools;
    if (only && tools.length === 1 && isThere(places.get(only.name), lane)) {
      this.#store.say(`${only.name} stays in ${laneWords(lane).label}.`);
      if (held) this.focusCard(held, goes);
      return;
    }
    this.#edit(laneEdits(document, tools, lane), () => {
      this.#sayMoved(tools, lane);
      if (held) this.focusCard(held, goes);
    });
  };

  readonly addBlock = (names: readonly string[], kind: BlockKind): void => {
    const { document } = this.#latest.current;
    const tools = this.#toolsOf(names);
    const fitting = tools.filter((tool) => whyNot(kind, tool) === null);
    const [first] = fitting;
    if (!first) {
      const [refused] = tools;
      const why = refused ? (whyNot(kind, refused) ?? "") : "";
      toast.info(capital(why));
      this.#store.say(`Not dropped: ${why}.`);
      return;
    }
    const edits = blockEdits(document, fitting, kind);
    this.#edit(edits, () => {
      const left = tools.length - fitting.length;
      if (left > 0)
        toast.info(`${left} of them ${left === 1 ? "takes" : "take"} no such argument: nothing changed there`);
      const place = this.#latest.current.places.get(first.name);
      if (fitting.length > 1) this.#store.say(`Dropped on ${fitting.length} tools.`);
      else if (place) this.#store.say(`Dropped on ${first.name}. It is in ${standing(place)}.`);
      const owner = { tool: first.name };
      const at = fitting.length === 1 ? this.#newestAt(owner, edits) : null;
      if (at) this.openBlock({ owner, at });
      else this.focusCard(first.name);
    });
  };

  readonly addRuleBlock = (pointer: string, kind: BlockKind): void => {
    const { document, rules } = this.#latest.current;
    const many = rules.find((rule) => rule.pointer === pointer);
    if (!many) return;
    const owner = { rule: pointer };
    const edits = ruleBlockEdits(ruleOf(document, [], owner)?.rule ?? null, many.target, kind);
    this.#edit(edits, () => {
      this.#store.say(`Dropped on the rule for ${many.label}.`);
      const at = this.#newestAt(owner, edits);
      if (at) this.openBlock({ owner, at });
    });
  };

  readonly removeRule = (name: string): void => {
    this.#edit([{ kind: "remove_rule", target: { tool: name } }], () => {
      const place = this.#latest.current.places.get(name);
      if (place) this.#store.say(`The rule of ${name} is removed. It is in ${standing(place)}.`);
      this.focusCard(name);
    });
  };

  readonly drop = (load: Load, target: Target, by: "pointer" | "keyboard"): void => {
    if (load.kind === "tools") {
      // By pointer the lane that was dropped on is in sight already, and the person looks at where the card came from.
      if ("lane" in target) this.move(load.names, target.lane, load.held, by === "keyboard");
    } else if ("rule" in target) this.addRuleBlock(target.rule, load.block);
    else if ("tool" in target) {
      const { selection } = this.#store.state;
      this.addBlock(selection.has(target.tool) ? [...selection] : [target.tool], load.block);
    }
  };

  /** Brings what something is dragged over into sight. */
  readonly show = (target: Target): void => {
    if ("lane" in target) this.goToLane(target.lane);
    else if ("rule" in target) {
      const pill = this.find(`[data-rule="${CSS.escape(target.rule)}"]`);
      pill?.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else this.#bringIntoSight(target.tool, true);
  };

  readonly labelOf = (target: Target): string => labelOf(target, this.#latest.current);

  find(selector: string): HTMLElement | null {
    return this.#root.current?.querySelector<HTMLElement>(selector) ?? null;
  }

  /** Edits, and what follows when they are on the board. */
  #edit(edits: Edit[], after: () => void): void {
    const { document, onEdits } = this.#latest.current;
    onEdits(edits);
    // Where nothing changes, nothing is drawn that it could wait for.
    if (editDocument(document, edits) === document) after();
    else this.#afterChange = after;
  }

  #toolsOf(names: readonly string[]): EditorTool[] {
    const { byName } = this.#latest.current;
    return names.flatMap((name) => byName.get(name) ?? []);
  }

  #sayMoved(tools: readonly EditorTool[], lane: Lane): void {
    const { places } = this.#latest.current;
    const missed = tools.filter(({ name }) => places.get(name)?.lane !== lane);
    const [first] = tools;
    const place = first && places.get(first.name);
    if (missed.length > 0) {
      const why = whyStays(missed, places);
      toast.info(why);
      this.#store.say(why);
    } else if (tools.length === 1 && place) this.#store.say(`Dropped in ${standing(place)}.`);
    else this.#store.say(`${tools.length} tools dropped in ${laneWords(lane).label}.`);
  }

  /** Where the block stands that edits put behind the others. */
  #newestAt(owner: BlockOwner, edits: readonly Edit[]): string | null {
    const { document, tools } = this.#latest.current;
    const list = edits.flatMap((edit) => (edit.kind === "put_block" ? [edit.list] : []))[0];
    const count = list && ruleOf(document, tools, owner)?.rule[list]?.length;
    return list && count ? `${list}/${count - 1}` : null;
  }

  #bringIntoSight(name: string, goes: boolean): void {
    const lane = this.#latest.current.places.get(name)?.lane;
    if (!lane) return;
    if (goes) this.goToLane(lane);
    this.reveals.get(lane)?.(name);
  }

  /** Calls back with a card's button; one that is out of sight is in the page some frames later. */
  #reach(name: string, then: (button: HTMLElement) => void, goes: boolean): void {
    this.#store.set({ active: name });
    this.#bringIntoSight(name, goes);
    this.#whenThere(`[data-card-name="${CSS.escape(name)}"]`, then);
  }

  #whenThere(selector: string, then: (element: HTMLElement) => void, frame = 0): void {
    const element = this.find(selector);
    if (element) then(element);
    else if (frame < framesMax) requestAnimationFrame(() => this.#whenThere(selector, then, frame + 1));
  }
}

const framesMax = 30;

/** By a rule of its own, so that there is nothing to do. */
function isThere(place: Place | undefined, lane: Lane): boolean {
  return place !== undefined && place.lane === lane && place.source === "" && !place.isSometimes;
}

function whyStays(missed: readonly EditorTool[], places: ReadonlyMap<string, Place>): string {
  const [first] = missed;
  const place = first && places.get(first.name);
  if (!first || !place) return "";
  const who = missed.length > 1 ? `${first.name} and ${missed.length - 1} more stay` : `${first.name} stays`;
  return `${who} in ${laneWords(place.lane).label}${place.source ? `, ${place.source}` : ""}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
