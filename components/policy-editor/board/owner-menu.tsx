import type { RefObject } from "react";
import type { BlockKind } from "../../../policy/blocks.ts";
import type { Edit, Lane } from "../../../policy/edit.ts";
import type { actions } from "../../../policy/schema.ts";
import { whyNot } from "./block-kinds.ts";
import type { BoardActs, LatestBoard } from "./board-acts.ts";
import { useHands } from "./context.ts";
import { lanes } from "./lanes.ts";
import { type MenuOffer, MenuWindow } from "./menu-window.tsx";
import { type BlockOwner, ruleOf } from "./rules.ts";
import { useBoardState } from "./store.ts";

/** The menu of whichever card or rule it was opened at: all that dragging does, without dragging. */
export function OwnerMenu({ latest, acts }: { latest: RefObject<LatestBoard>; acts: BoardActs }) {
  const hands = useHands();
  const { store } = hands;
  const menu = useBoardState(store, (state) => state.menu);
  const selection = useBoardState(store, (state) => state.selection);

  /** What was chosen says where the focus goes; without a choice it is the button again. */
  function close(returns: boolean) {
    const key = menu && keyOf(menu.owner);
    store.set({ menu: null });
    if (returns && key) acts.find(`[data-card-menu="${CSS.escape(key)}"]`)?.focus();
  }

  function chosen<Arguments extends unknown[]>(act: (...given: Arguments) => void) {
    return (...given: Arguments) => {
      close(false);
      act(...given);
    };
  }

  function offerOf(name: string): MenuOffer | null {
    const { byName, places, document, onTry } = latest.current;
    const tool = byName.get(name);
    const place = places.get(name);
    if (!tool || !place) return null;
    const hasRule = (document.tools && Object.hasOwn(document.tools, name)) || document.hide?.includes(name);
    return {
      of: name,
      lane: place.lane,
      canStay: place.source !== "" || place.isSometimes,
      lanes: lanes.map(({ lane }) => lane),
      moveTo: chosen((lane: Lane) => acts.move([name], lane, name)),
      whyNot: (kind) => whyNot(kind, tool),
      addBlock: chosen((kind: BlockKind) => acts.addBlock([name], kind)),
      tryCall: chosen(() => onTry(name)),
      select: {
        isSelected: selection.has(name),
        toggle: chosen(() => {
          hands.select(name, false);
          acts.focusCard(name);
        }),
      },
      ...(hasRule ? { removeRule: chosen(() => acts.removeRule(name)) } : {}),
    };
  }

  function offerOfRule(pointer: string): MenuOffer | null {
    const { rules, document, onEdits } = latest.current;
    const many = rules.find((rule) => rule.pointer === pointer);
    if (!many) return null;
    const { target } = many;
    const edit = (edits: Edit[]) => {
      close(true);
      onEdits(edits);
    };
    const own = ruleOf(document, [], { rule: pointer })?.rule;
    return {
      of: `the rule for ${many.label}`,
      // A rule for all tools that asks and refuses nothing adds its blocks to what the others allow.
      lane: many.lane ?? "allow",
      canStay: false,
      lanes: lanes.flatMap(({ lane }) => (lane === "limit" ? [] : [lane])),
      moveTo: (lane) => {
        const action = own?.action !== undefined && lane === "allow" ? null : actionOf[lane];
        edit([{ kind: "set_action", target, action }]);
      },
      whyNot: () => null,
      addBlock: chosen((kind: BlockKind) => acts.addRuleBlock(pointer, kind)),
      ...(many.exists ? { removeRule: () => edit([{ kind: "remove_rule", target }]) } : {}),
    };
  }

  const offer = menu && ("tool" in menu.owner ? offerOf(menu.owner.tool) : offerOfRule(menu.owner.rule));
  return (
    <MenuWindow
      anchor={menu?.anchor ?? null}
      disabled={latest.current.disabled}
      onClose={() => close(true)}
      offer={offer}
    />
  );
}

export function keyOf(owner: BlockOwner): string {
  return "tool" in owner ? owner.tool : owner.rule;
}

const actionOf: Record<Lane, (typeof actions)[number]> = {
  allow: "allow",
  limit: "allow",
  approve: "require_approval",
  deny: "deny",
  hide: "hide",
};
