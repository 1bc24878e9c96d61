import { type RiskCategory, riskCategories, type Severity } from "../../../catalog/schema.ts";
import type { Lane } from "../../../policy/edit.ts";
import type { EditorTool } from "../editor-tool.ts";
import type { LaneRow } from "./lane-column.tsx";
import type { Place } from "./places.ts";

export type BoardFilter = {
  search: string;
  /** An empty list lets all through. */
  severities: readonly Severity[];
  categories: readonly RiskCategory[];
  isGrouped: boolean;
};

export const noFilter: BoardFilter = { search: "", severities: [], categories: [], isGrouped: false };

export function shownTools(
  tools: readonly EditorTool[],
  { search, severities, categories }: BoardFilter,
): readonly EditorTool[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length + severities.length + categories.length === 0) return tools;
  return tools.filter((tool) => {
    if (severities.length > 0 && !severities.includes(tool.severity)) return false;
    if (categories.length > 0 && !categories.includes(tool.category)) return false;
    const text = `${tool.name} ${tool.category} ${tool.description ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The rows of every lane, in the server's order or by category, most dangerous first. */
export function rowsOf(
  shown: readonly EditorTool[],
  places: ReadonlyMap<string, Place>,
  isGrouped: boolean,
  before: Record<Lane, readonly LaneRow[]> | null,
): Record<Lane, readonly LaneRow[]> {
  const byLane: Record<Lane, EditorTool[]> = { allow: [], limit: [], approve: [], deny: [], hide: [] };
  for (const tool of shown) {
    const place = places.get(tool.name);
    if (place) byLane[place.lane].push(tool);
  }
  const rows = (lane: Lane) => {
    const next = isGrouped ? grouped(byLane[lane]) : byLane[lane].map((tool) => ({ kind: "tool" as const, tool }));
    // The same list as before, so that a lane that nothing happened to is not drawn again.
    const last = before?.[lane];
    return last && isSameRows(last, next) ? last : next;
  };
  return {
    allow: rows("allow"),
    limit: rows("limit"),
    approve: rows("approve"),
    deny: rows("deny"),
    hide: rows("hide"),
  };
}

function grouped(tools: readonly EditorTool[]): LaneRow[] {
  const order: readonly RiskCategory[] = ["Financial", "Destructive", "Execute", "Write", "Read", "Other"];
  return [...riskCategories]
    .sort((a, b) => order.indexOf(a) - order.indexOf(b))
    .flatMap((category): LaneRow[] => {
      const members = tools.filter((tool) => tool.category === category);
      if (members.length === 0) return [];
      const names = members.map(({ name }) => name);
      return [{ kind: "group", category, names }, ...members.map((tool) => ({ kind: "tool" as const, tool }))];
    });
}

function isSameRows(one: readonly LaneRow[], other: readonly LaneRow[]): boolean {
  return (
    one.length === other.length &&
    one.every((row, index) => {
      const against = other[index];
      if (row.kind === "tool") return against?.kind === "tool" && against.tool === row.tool;
      return (
        against?.kind === "group" && against.category === row.category && against.names.join() === row.names.join()
      );
    })
  );
}
