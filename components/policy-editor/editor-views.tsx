import { TabsList, TabsTrigger } from "../ui/tabs.tsx";

/** The views of a draft. On a narrow screen the board is one of them. */
export function ViewTabs({ withBoard = false, problems }: { withBoard?: boolean; problems: number }) {
  return (
    <TabsList aria-label="Views of the draft" className="shrink-0 px-1.5">
      {withBoard && <TabsTrigger value="board">Board</TabsTrigger>}
      <TabsTrigger value="json">JSON</TabsTrigger>
      <TabsTrigger value="words">In words</TabsTrigger>
      <TabsTrigger value="try">Try it</TabsTrigger>
      <TabsTrigger value="problems">
        Problems{" "}
        {problems > 0 && (
          <span className="rounded bg-warn-soft px-1.5 text-2xs text-warn tabular-nums">{problems}</span>
        )}
      </TabsTrigger>
    </TabsList>
  );
}
