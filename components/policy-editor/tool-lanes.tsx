"use client";
import { ListChecks } from "lucide-react";
import { memo, useMemo, useState } from "react";
import type { RiskCategory, Severity } from "../../catalog/schema.ts";
import { type Edit, type Lane, laneOf } from "../../policy/edit.ts";
import type { PolicyDocument, WindowName } from "../../policy/schema.ts";
import { RiskBadge } from "../risk-badge.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "../ui/dropdown-menu.tsx";
import { Input } from "../ui/input.tsx";
import { SearchInput } from "../ui/search-input.tsx";
import { Select } from "../ui/select.tsx";
import { currentLimit, type SimpleLimit, windowWords } from "./current-limit.ts";
import { LaneControl, lanes } from "./lane-control.tsx";

export type EditorTool = {
  name: string;
  description: string | null;
  category: RiskCategory;
  severity: Severity;
  state: "accepted" | "changed" | "gone";
  inputSchema?: unknown;
};

/** What a limit starts with, by how much a call can do. */
const firstLimit: Record<Severity, SimpleLimit> = {
  low: { max: 60, window: "minute" },
  medium: { max: 30, window: "minute" },
  high: { max: 10, window: "minute" },
  critical: { max: 1, window: "hour" },
};

const sources: Record<ReturnType<typeof laneOf>["because"], string> = {
  tool: "",
  hide: "by the hide list",
  glob: "by a pattern",
  category: "by its category",
  default: "by default",
  all_tools: "by the rule for all tools",
};

/** Every tool of the server with the control that writes its rule into the document. */
export function ToolLanes({
  tools,
  document,
  disabled,
  onEdits,
}: {
  tools: readonly EditorTool[];
  /** The last document that could be read. */
  document: PolicyDocument | null;
  disabled: boolean;
  /** Several edits at once are one step to undo. */
  onEdits: (edits: Edit[]) => void;
}) {
  const [search, setSearch] = useState("");
  const shown = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    return tools.filter((tool) => {
      const text = `${tool.name} ${tool.category} ${tool.description ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [tools, search]);

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b px-3 py-2">
        <SearchInput label="Search tools" value={search} onChange={setSearch} className="min-w-40 flex-1" />
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button disabled={disabled || shown.length === 0}>
              <ListChecks aria-hidden="true" />
              Set {search ? "found" : "all"}
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent>
            <DropdownMenuLabel>
              {shown.length} {shown.length === 1 ? "tool" : "tools"}
            </DropdownMenuLabel>
            {lanes.map(({ lane, label, Icon }) => (
              <DropdownMenuItem key={lane} onSelect={() => onEdits(shown.map((tool) => laneEdit(tool, lane)))}>
                <Icon aria-hidden="true" />
                {label}
              </DropdownMenuItem>
            ))}
          </DropdownMenuContent>
        </DropdownMenu>
      </div>
      <DefaultRow document={document} disabled={disabled} onEdits={onEdits} />
      <ul aria-label="Tools" className="min-h-0 flex-1 divide-y overflow-y-auto">
        {shown.map((tool) => (
          <ToolRow key={tool.name} tool={tool} {...placeOf(document, tool)} disabled={disabled} onEdits={onEdits} />
        ))}
        {shown.length === 0 && (
          <li className="px-4 py-8 text-center text-ink-muted">
            {tools.length === 0 ? "This server lists no tools." : "No tool fits the search."}
          </li>
        )}
      </ul>
    </div>
  );
}

function laneEdit(tool: EditorTool, lane: Lane): Edit {
  return {
    kind: "set_lane",
    tool: tool.name,
    category: tool.category,
    lane,
    ...(lane === "limit" ? { limit: firstLimit[tool.severity] } : {}),
  };
}

function DefaultRow({
  document,
  disabled,
  onEdits,
}: {
  document: PolicyDocument | null;
  disabled: boolean;
  onEdits: (edits: Edit[]) => void;
}) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 border-b bg-raised/50 px-3 py-2">
      <span className="text-ink-muted text-sm">Tools without a rule of their own</span>
      <Select
        aria-label="Tools without a rule of their own"
        className="h-7.5 w-28 text-sm"
        value={document?.default ?? ""}
        disabled={disabled}
        onValueChange={(value) => onEdits([{ kind: "set_default", default: value as PolicyDocument["default"] }])}
        options={[
          { value: "deny", label: "Deny" },
          { value: "hide", label: "Hide" },
          { value: "allow", label: "Allow" },
        ]}
      />
    </div>
  );
}

type Place = {
  lane: Lane | "custom" | null;
  /** Empty when it is the tool's own rule. */
  source: string;
  /** Of the tool's own and only limit. */
  max: number | null;
  window: WindowName | number | null;
};

/** Plain values only, so that a row is drawn again only when something changed for its tool. */
function placeOf(document: PolicyDocument | null, tool: EditorTool): Place {
  if (!document) return { lane: null, source: "", max: null, window: null };
  const { lane, because } = laneOf(document, tool);
  // A glob in the hide list hides others as well, so it is not this tool's own rule.
  const isOwn = because === "tool" || (because === "hide" && document.hide?.includes(tool.name) === true);
  const limit = lane === "limit" && isOwn ? currentLimit(document, tool.name) : null;
  return { lane, source: isOwn ? "" : sources[because], max: limit?.max ?? null, window: limit?.window ?? null };
}

const ToolRow = memo(function ToolRow({
  tool,
  lane,
  source,
  max,
  window,
  disabled,
  onEdits,
}: Place & { tool: EditorTool; disabled: boolean; onEdits: (edits: Edit[]) => void }) {
  return (
    // Rows out of sight are not laid out: servers with hundreds of tools stay quick.
    <li className="grid gap-x-3 gap-y-1.5 px-3 py-2 [contain-intrinsic-size:auto_4.25rem] [content-visibility:auto] sm:grid-cols-[minmax(0,1fr)_auto] sm:items-center">
      <div className="min-w-0">
        <div className="flex min-w-0 items-center gap-2">
          <span
            className="max-w-full shrink-0 truncate font-medium font-mono text-[0.8125rem] text-ink"
            title={tool.name}
          >
            {tool.name}
          </span>
          {tool.state !== "accepted" && <Badge tone="warn">{tool.state}</Badge>}
          {source && lane !== "custom" && <span className="truncate text-ink-faint text-xs">{source}</span>}
        </div>
        <div className="mt-0.5 flex min-w-0 items-center gap-2">
          <RiskBadge category={tool.category} severity={tool.severity} />
          <p className="min-w-0 truncate text-ink-muted text-xs" title={tool.description ?? undefined}>
            {tool.description ?? "No description"}
          </p>
        </div>
      </div>
      <div className="grid justify-items-start gap-1 sm:justify-items-end">
        <LaneControl
          tool={tool.name}
          value={lane === "custom" ? null : lane}
          inherited={source !== ""}
          disabled={disabled}
          onChange={(chosen) => onEdits([laneEdit(tool, chosen)])}
        />
        {max !== null && window !== null && (
          <LimitFields tool={tool.name} limit={{ max, window }} disabled={disabled} onEdits={onEdits} />
        )}
        {lane === "custom" && <span className="text-ink-muted text-xs">Custom rules, see the JSON</span>}
      </div>
    </li>
  );
});

const windows: readonly WindowName[] = ["minute", "hour", "day", "month"];

function LimitFields({
  tool,
  limit,
  disabled,
  onEdits,
}: {
  tool: string;
  limit: SimpleLimit;
  disabled: boolean;
  onEdits: (edits: Edit[]) => void;
}) {
  // While a number is being typed the field may hold what is no number yet.
  const [typedMax, setTypedMax] = useState<string | null>(null);
  const choices = windows.includes(limit.window as WindowName) ? windows : [limit.window, ...windows];

  function commit(next: SimpleLimit) {
    onEdits([{ kind: "set_lane", tool, lane: "limit", limit: next }]);
  }

  return (
    <div className="flex items-center gap-1.5 text-ink-muted text-xs">
      <Input
        aria-label={`Calls allowed for ${tool}`}
        inputMode="numeric"
        className="h-7 w-16 px-2 text-right text-xs tabular-nums"
        disabled={disabled}
        value={typedMax ?? String(limit.max)}
        aria-invalid={typedMax !== null && !isCount(typedMax) ? true : undefined}
        onChange={(event) => {
          setTypedMax(event.target.value);
          if (isCount(event.target.value)) commit({ ...limit, max: Number(event.target.value) });
        }}
        onBlur={() => setTypedMax(null)}
      />
      calls
      <Select
        aria-label={`Time for the limit of ${tool}`}
        className="h-7 w-24 px-2 text-xs"
        disabled={disabled}
        value={String(limit.window)}
        onValueChange={(value) =>
          commit({ ...limit, window: windows.find((window) => window === value) ?? Number(value) })
        }
        options={choices.map((window) => ({ value: String(window), label: windowWords(window) }))}
      />
    </div>
  );
}

function isCount(text: string): boolean {
  return /^\d{1,9}$/.test(text.trim());
}
