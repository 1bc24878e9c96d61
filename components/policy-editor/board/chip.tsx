import { TriangleAlert } from "lucide-react";
import { cn } from "../../ui/cn.ts";
import { blockIcons } from "./block-kinds.ts";
import { useHands } from "./context.ts";
import type { Chip } from "./places.ts";
import { type BlockOwner, chipKey } from "./rules.ts";

const tones: Record<Chip["kind"], string> = {
  rate_limit: "text-warn",
  spend_limit: "text-warn",
  must_be: "text-accent",
  must_not_be: "text-danger",
  hours: "text-accent",
  ask_when: "text-hold",
  custom: "text-ink-muted",
};

/** One block of a rule, in words; a click opens its editor. */
export function BlockChip({
  chip,
  owner,
  label,
  inherited,
  tabIndex,
}: {
  chip: Chip;
  owner: BlockOwner;
  /** Whose block it is, for who cannot see that. */
  label: string;
  /** Not of the card's own rule. */
  inherited?: boolean;
  tabIndex?: number;
}) {
  const { openBlock } = useHands();
  const Icon = blockIcons[chip.kind];
  return (
    <button
      type="button"
      data-block={chipKey({ owner, at: chip.at })}
      aria-haspopup="dialog"
      aria-label={`${label}: ${chip.kind === "custom" ? "custom block, " : ""}${chip.text}${chip.mark ? `, has a ${chip.mark}` : ""}`}
      title={chip.text}
      tabIndex={tabIndex}
      onClick={() => openBlock({ owner, at: chip.at })}
      className={cn(
        "relative z-10 inline-flex min-h-5.5 min-w-0 max-w-full items-start gap-1 rounded-md border border-line-strong/70 bg-raised/60 px-1.5 py-0.5 text-left leading-4 text-ink text-xs transition-colors hover:border-line-strong hover:bg-raised",
        inherited && "border-dashed bg-transparent text-ink-muted",
        chip.mark && "border-warn-line bg-warn-soft",
      )}
    >
      {chip.mark ? (
        <TriangleAlert aria-hidden="true" className="mt-0.5 size-3 shrink-0 text-warn" />
      ) : (
        <Icon aria-hidden="true" className={cn("mt-0.5 size-3 shrink-0", tones[chip.kind])} />
      )}
      <span className="line-clamp-2 min-w-0 [overflow-wrap:anywhere]">{chip.text}</span>
    </button>
  );
}
