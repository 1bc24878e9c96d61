import {
  ChevronDown,
  ChevronRight,
  CircleCheck,
  CircleDashed,
  FlaskConical,
  Plus,
  SquareArrowRight,
  Trash2,
} from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import { type ReactNode, useState } from "react";
import type { BlockKind } from "../../../policy/blocks.ts";
import type { Lane } from "../../../policy/edit.ts";
import { cn } from "../../ui/cn.ts";
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuSeparator } from "../../ui/dropdown-menu.tsx";
import { useIsWide } from "../use-remembered.ts";
import { blockKinds } from "./block-kinds.ts";
import { lanes } from "./lanes.ts";

/** What the menu of a card or a rule offers; what is left out is not offered. */
export type MenuOffer = {
  /** Whose menu it is, for its name. */
  of: string;
  /** Where it stands; null for a rule without a lane. */
  lane: Lane | null;
  /** Bringing it to its own lane changes something: it is there only by another rule, or only sometimes. */
  canStay: boolean;
  lanes: readonly Lane[];
  moveTo: (lane: Lane) => void;
  whyNot: (kind: BlockKind) => string | null;
  addBlock: (kind: BlockKind) => void;
  tryCall?: () => void;
  select?: { isSelected: boolean; toggle: () => void };
  removeRule?: () => void;
};

/** One menu for all cards: hundreds of closed ones would have to be drawn along. */
export function MenuWindow({
  offer,
  anchor,
  onClose,
  disabled,
}: {
  offer: MenuOffer | null;
  anchor: DOMRect | null;
  onClose: () => void;
  disabled: boolean;
}) {
  return (
    <DropdownMenu open={offer !== null} onOpenChange={(open) => !open && onClose()}>
      <Radix.Trigger asChild>
        <span
          aria-hidden="true"
          tabIndex={-1}
          className="pointer-events-none fixed"
          style={{
            left: anchor?.left ?? 0,
            top: anchor?.top ?? 0,
            width: anchor?.width ?? 0,
            height: anchor?.height ?? 0,
          }}
        />
      </Radix.Trigger>
      {offer && (
        <DropdownMenuContent
          aria-label={`Menu of ${offer.of}`}
          // The trigger is no button that could have the focus back; the board gives it to the card.
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          {!disabled && (
            <>
              <Sub icon={<SquareArrowRight aria-hidden="true" />} label="Move to…">
                {lanes
                  .filter(({ lane }) => offer.lanes.includes(lane))
                  .map(({ lane, label, Icon }) => (
                    <DropdownMenuItem
                      key={lane}
                      disabled={lane === offer.lane && !offer.canStay}
                      onSelect={() => offer.moveTo(lane)}
                    >
                      <Icon aria-hidden="true" />
                      {label}
                      {lane === offer.lane && (
                        <span className="ml-auto pl-4 text-ink-muted text-xs">
                          {offer.canStay ? "by a rule of its own" : "it is here"}
                        </span>
                      )}
                    </DropdownMenuItem>
                  ))}
              </Sub>
              <Sub icon={<Plus aria-hidden="true" />} label="Add block…">
                {blockKinds.map(({ kind, label, Icon }) => {
                  const reason = offer.whyNot(kind);
                  return (
                    <DropdownMenuItem key={kind} disabled={reason !== null} onSelect={() => offer.addBlock(kind)}>
                      <Icon aria-hidden="true" />
                      {label}
                      {reason && <span className="ml-auto pl-4 text-ink-muted text-xs">{reason}</span>}
                    </DropdownMenuItem>
                  );
                })}
              </Sub>
            </>
          )}
          {offer.tryCall && (
            <DropdownMenuItem onSelect={offer.tryCall}>
              <FlaskConical aria-hidden="true" />
              Try a call
            </DropdownMenuItem>
          )}
          {offer.select && !disabled && (
            <DropdownMenuItem onSelect={offer.select.toggle}>
              {offer.select.isSelected ? <CircleDashed aria-hidden="true" /> : <CircleCheck aria-hidden="true" />}
              {offer.select.isSelected ? "Deselect" : "Select"}
            </DropdownMenuItem>
          )}
          {offer.removeRule && !disabled && (
            <>
              <DropdownMenuSeparator />
              <DropdownMenuItem danger onSelect={offer.removeRule}>
                <Trash2 aria-hidden="true" />
                Remove its rule
              </DropdownMenuItem>
            </>
          )}
        </DropdownMenuContent>
      )}
    </DropdownMenu>
  );
}

type SubProps = { icon: ReactNode; label: string; children: ReactNode };

/** Beside the menu where there is room, else unfolded inside of it. */
function Sub(props: SubProps) {
  return useIsWide(640) ? <Beside {...props} /> : <Unfolding {...props} />;
}

function Unfolding({ icon, label, children }: SubProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <DropdownMenuItem
        aria-expanded={isOpen}
        onSelect={(event) => {
          event.preventDefault();
          setOpen(!isOpen);
        }}
      >
        {icon}
        {label}
        <ChevronDown aria-hidden="true" className={cn("ml-auto", isOpen && "rotate-180")} />
      </DropdownMenuItem>
      {isOpen && (
        <Radix.Group aria-label={label} className="ml-4 border-l pl-1">
          {children}
        </Radix.Group>
      )}
    </>
  );
}

function Beside({ icon, label, children }: SubProps) {
  return (
    <Radix.Sub>
      <Radix.SubTrigger className="flex h-8 cursor-pointer select-none items-center gap-2 rounded-md px-2 text-ink text-sm outline-none data-[highlighted]:bg-raised data-[state=open]:bg-raised [&_svg]:size-4 [&_svg]:text-ink-muted">
        {icon}
        {label}
        <ChevronRight aria-hidden="true" className="ml-auto" />
      </Radix.SubTrigger>
      <Radix.Portal>
        <Radix.SubContent
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-48 max-w-[calc(100vw-1rem)] animate-fade rounded-lg border bg-surface p-1 shadow-pop"
        >
          {children}
        </Radix.SubContent>
      </Radix.Portal>
    </Radix.Sub>
  );
}
