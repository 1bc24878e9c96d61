import { Check, Layers, ListChecks, ListFilter } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import { type RiskCategory, riskCategories, type Severity, severities } from "../../../catalog/schema.ts";
import { RiskBadge, severityLabel } from "../../risk-badge.tsx";
import { Button } from "../../ui/button.tsx";
import { cn } from "../../ui/cn.ts";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "../../ui/dropdown-menu.tsx";
import { SearchInput } from "../../ui/search-input.tsx";
import type { BoardFilter } from "./filter.ts";

/** Finding, grouping and marking cards. */
export function BoardToolbar({
  filter,
  onFilter,
  counts,
  shown,
  disabled,
  onSelect,
}: {
  filter: BoardFilter;
  onFilter: (filter: BoardFilter) => void;
  /** Shown tools of each category. */
  counts: Partial<Record<RiskCategory, number>>;
  shown: number;
  disabled: boolean;
  /** Null marks all that are shown. */
  onSelect: (category: RiskCategory | null) => void;
}) {
  const narrowed = filter.severities.length + filter.categories.length;
  const present = riskCategories.filter((category) => counts[category]);
  return (
    <div className="flex items-center gap-1.5 px-3">
      <SearchInput
        label="Search tools"
        value={filter.search}
        onChange={(search) => onFilter({ ...filter, search })}
        className="min-w-24 flex-1"
      />
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            className={cn("px-2.5", narrowed > 0 && "border-accent text-accent")}
            aria-label={narrowed > 0 ? `Filter, ${narrowed} on` : "Filter"}
          >
            <ListFilter aria-hidden="true" />
            <span className="@max-[34rem]/board:hidden">Filter</span>
            {narrowed > 0 && <span className="tabular-nums">{narrowed}</span>}
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuLabel>Risk</DropdownMenuLabel>
          {[...severities].reverse().map((severity) => (
            <FilterItem
              key={severity}
              checked={filter.severities.includes(severity)}
              onToggle={() => onFilter({ ...filter, severities: toggled<Severity>(filter.severities, severity) })}
            >
              {severityLabel[severity]}
            </FilterItem>
          ))}
          <DropdownMenuSeparator />
          <DropdownMenuLabel>Category</DropdownMenuLabel>
          {riskCategories.map((category) => (
            <FilterItem
              key={category}
              checked={filter.categories.includes(category)}
              onToggle={() => onFilter({ ...filter, categories: toggled<RiskCategory>(filter.categories, category) })}
            >
              <RiskBadge category={category} />
            </FilterItem>
          ))}
          {narrowed > 0 && (
            <>
              <DropdownMenuSeparator />
              <DropdownMenuItem onSelect={() => onFilter({ ...filter, severities: [], categories: [] })}>
                Show all
              </DropdownMenuItem>
            </>
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      <Button
        aria-pressed={filter.isGrouped}
        aria-label="Group by category"
        title="Group by category"
        onClick={() => onFilter({ ...filter, isGrouped: !filter.isGrouped })}
        className={cn("px-2.5", filter.isGrouped && "border-accent bg-accent-soft text-accent hover:bg-accent-soft")}
      >
        <Layers aria-hidden="true" />
        <span className="@max-[34rem]/board:hidden">Group</span>
      </Button>
      {!disabled && (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button className="px-2.5" aria-label="Select" disabled={shown === 0}>
              <ListChecks aria-hidden="true" />
              <span className="@max-[34rem]/board:hidden">Select</span>
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent>
            <DropdownMenuItem onSelect={() => onSelect(null)}>
              All that are shown <Count>{shown}</Count>
            </DropdownMenuItem>
            {present.map((category) => (
              <DropdownMenuItem key={category} onSelect={() => onSelect(category)}>
                All {category} <Count>{counts[category]}</Count>
              </DropdownMenuItem>
            ))}
            <DropdownMenuSeparator />
            <DropdownMenuLabel className="max-w-60">
              Also with Ctrl or Shift and a click, or with X and Shift and arrow keys on a card
            </DropdownMenuLabel>
          </DropdownMenuContent>
        </DropdownMenu>
      )}
    </div>
  );
}

function Count({ children }: { children: React.ReactNode }) {
  return <span className="ml-auto pl-4 text-ink-muted text-xs tabular-nums">{children}</span>;
}

function FilterItem({
  checked,
  onToggle,
  children,
}: {
  checked: boolean;
  onToggle: () => void;
  children: React.ReactNode;
}) {
  return (
    <Radix.CheckboxItem
      checked={checked}
      onCheckedChange={onToggle}
      // Several are often wanted.
      onSelect={(event) => event.preventDefault()}
      className="flex h-8 cursor-pointer select-none items-center gap-2 rounded-md px-2 text-ink text-sm outline-none data-[highlighted]:bg-raised"
    >
      <span
        aria-hidden="true"
        className={cn(
          "grid size-4 place-items-center rounded border border-control-line",
          checked && "border-accent bg-accent text-accent-ink",
        )}
      >
        {checked && <Check className="size-3" />}
      </span>
      {children}
    </Radix.CheckboxItem>
  );
}

function toggled<Item>(list: readonly Item[], item: Item): Item[] {
  return list.includes(item) ? list.filter((each) => each !== item) : [...list, item];
}
