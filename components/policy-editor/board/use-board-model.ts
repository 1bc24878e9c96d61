import { useDeferredValue, useEffect, useMemo, useRef } from "react";
import type { RiskCategory } from "../../../catalog/schema.ts";
import type { Lane } from "../../../policy/edit.ts";
import type { Problem } from "../../../policy/problems.ts";
import type { PolicyDocument } from "../../../policy/schema.ts";
import type { EditorTool } from "../editor-tool.ts";
import { type BoardFilter, rowsOf, shownTools } from "./filter.ts";
import type { LaneRow } from "./lane-column.tsx";
import { marksOf, type Place, placesOf } from "./places.ts";
import { manyRulesOf } from "./rules.ts";

export type BoardModel = ReturnType<typeof useBoardModel>;

/** What the board shows of a document. What stays as it was stays the same object. */
export function useBoardModel(
  tools: readonly EditorTool[],
  document: PolicyDocument,
  problems: readonly Problem[],
  filter: BoardFilter,
) {
  const search = useDeferredValue(filter.search);
  const lastPlaces = useRef<ReadonlyMap<string, Place> | null>(null);
  const lastRows = useRef<Record<Lane, readonly LaneRow[]> | null>(null);
  const marks = useMemo(() => marksOf(problems), [problems]);
  const places = useMemo(() => placesOf(document, tools, marks, lastPlaces.current), [document, tools, marks]);
  const { severities, categories, isGrouped } = filter;
  const shown = useMemo(
    () => shownTools(tools, { search, severities, categories, isGrouped }),
    [tools, search, severities, categories, isGrouped],
  );
  const rows = useMemo(() => rowsOf(shown, places, isGrouped, lastRows.current), [shown, places, isGrouped]);
  const rules = useMemo(() => manyRulesOf(document, marks), [document, marks]);
  const byName = useMemo(() => new Map(tools.map((tool) => [tool.name, tool])), [tools]);
  const totals = useMemo(() => {
    const count = (lane: Lane) => rows[lane].filter(({ kind }) => kind === "tool").length;
    return {
      allow: count("allow"),
      limit: count("limit"),
      approve: count("approve"),
      deny: count("deny"),
      hide: count("hide"),
    };
  }, [rows]);
  useEffect(() => {
    lastPlaces.current = places;
    lastRows.current = rows;
  }, [places, rows]);
  const counts = useMemo(() => countsOf(shown), [shown]);
  return { places, rows, rules, marks, byName, shown, totals, counts };
}

function countsOf(shown: readonly EditorTool[]): Partial<Record<RiskCategory, number>> {
  const counts: Partial<Record<RiskCategory, number>> = {};
  for (const { category } of shown) counts[category] = (counts[category] ?? 0) + 1;
  return counts;
}
