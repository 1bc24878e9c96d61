import { Ellipsis, Plus } from "lucide-react";
import { memo } from "react";
import { riskCategories } from "../../../catalog/schema.ts";
import type { Edit } from "../../../policy/edit.ts";
import type { PolicyDocument } from "../../../policy/schema.ts";
import { cn } from "../../ui/cn.ts";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "../../ui/dropdown-menu.tsx";
import { Select } from "../../ui/select.tsx";
import { BlockChip } from "./chip.tsx";
import { useHands } from "./context.ts";
import { laneWords } from "./lanes.ts";
import type { ManyRule } from "./rules.ts";
import { useBoardState } from "./store.ts";

/** The rules that stand over more than one tool: what happens by default, to all, to a category, to names of a pattern. */
export const RuleStrip = memo(function RuleStrip({
  document,
  rules,
  disabled,
  onEdits,
}: {
  document: PolicyDocument;
  rules: readonly ManyRule[];
  disabled: boolean;
  onEdits: (edits: Edit[]) => void;
}) {
  const free = riskCategories.filter((category) => !document.categories?.[category]);
  return (
    <fieldset
      aria-label="Rules for many tools"
      className="flex min-w-0 items-stretch gap-1.5 overflow-x-auto px-3 py-0.5 [scrollbar-width:none]"
    >
      <div className={cn(pill, "pr-1")}>
        <span className="text-ink-muted text-xs">Without a rule</span>
        <Select
          aria-label="Tools without a rule of their own"
          className="h-5.5 w-auto gap-1 border-transparent bg-transparent px-1 font-medium text-xs"
          value={document.default}
          disabled={disabled}
          onValueChange={(value) => {
            const chosen = defaults.find((each) => each.value === value);
            if (chosen) onEdits([{ kind: "set_default", default: chosen.value }]);
          }}
          options={defaults}
        />
      </div>
      {rules.map((rule) => (
        <RulePill key={rule.pointer} rule={rule} disabled={disabled} />
      ))}
      {!disabled && free.length > 0 && (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <button
              type="button"
              className="flex h-7.5 shrink-0 items-center gap-1 rounded-md px-2 text-ink-muted text-xs hover:bg-raised hover:text-ink"
            >
              <Plus aria-hidden="true" className="size-3.5" />
              Rule for…
            </button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="start">
            <DropdownMenuLabel>All tools of a category</DropdownMenuLabel>
            {free.map((category) => (
              <DropdownMenuItem
                key={category}
                onSelect={() =>
                  onEdits([
                    {
                      kind: "set_action",
                      target: { category },
                      action: category === "Read" ? "allow" : "require_approval",
                    },
                  ])
                }
              >
                {category}
                <span className="ml-auto pl-4 text-ink-muted text-xs">
                  {category === "Read" ? "starts with Allow" : "starts with Ask a person"}
                </span>
              </DropdownMenuItem>
            ))}
          </DropdownMenuContent>
        </DropdownMenu>
      )}
    </fieldset>
  );
});

const pill = "flex h-7.5 shrink-0 items-center gap-1.5 rounded-md border border-line-strong bg-surface pl-2";

const defaults = [
  { value: "deny", label: "Deny" },
  { value: "hide", label: "Hide" },
  { value: "allow", label: "Allow" },
] as const;

function RulePill({ rule, disabled }: { rule: ManyRule; disabled: boolean }) {
  const { store, openMenu } = useHands();
  const isTarget = useBoardState(
    store,
    ({ target }) => target !== null && "rule" in target && target.rule === rule.pointer,
  );
  const isMenuOpen = useBoardState(
    store,
    ({ menu }) => menu !== null && "rule" in menu.owner && menu.owner.rule === rule.pointer,
  );
  const lane = rule.lane && laneWords(rule.lane);
  return (
    <div
      data-rule={rule.pointer}
      className={cn(
        pill,
        disabled && "pr-2",
        !rule.exists && "border-dashed",
        isTarget && "border-accent border-solid bg-accent-soft ring-2 ring-accent",
      )}
    >
      <span
        title={rule.label}
        className={cn("max-w-48 truncate font-medium text-ink text-xs", rule.isCode && "font-mono")}
      >
        {rule.label}
      </span>
      {lane && (
        <span className={cn("flex items-center gap-1 text-xs", lane.text)}>
          <lane.Icon aria-hidden="true" className="size-3" />
          {lane.short}
        </span>
      )}
      {rule.chips.map((chip) => (
        <BlockChip key={chip.at} chip={chip} owner={{ rule: rule.pointer }} label={rule.label} />
      ))}
      {!disabled && (
        <button
          type="button"
          aria-label={`Menu of the rule for ${rule.label}`}
          aria-haspopup="menu"
          aria-expanded={isMenuOpen}
          data-card-menu={rule.pointer}
          onClick={(event) => openMenu({ rule: rule.pointer }, event.currentTarget)}
          className="mr-0.5 grid size-6 shrink-0 place-items-center rounded text-ink-muted hover:bg-raised hover:text-ink"
        >
          <Ellipsis aria-hidden="true" className="size-3.5" />
        </button>
      )}
    </div>
  );
}
