import { blocksOf, blockWords, type PlacedBlock } from "../../../policy/blocks.ts";
import { type Because, coveringRule, type Lane, laneOf } from "../../../policy/edit.ts";
import { pointerOf } from "../../../policy/pointer.ts";
import type { Problem } from "../../../policy/problems.ts";
import type { PolicyDocument, ToolRule } from "../../../policy/schema.ts";
import type { EditorTool } from "../editor-tool.ts";

// Where every tool stands on the board and what its card says. Everything here is plain, so that a card whose place is the
// same is not drawn again.

export type Chip = {
  /** Where it stands in its rule, like `limits/0`. */
  at: string;
  kind: PlacedBlock["block"]["kind"];
  text: string;
  mark: Problem["severity"] | null;
};

export type Place = {
  lane: Lane;
  /** Asks for approval only sometimes. */
  isSometimes: boolean;
  /** What put it there when it is not its own rule, like: by default. Empty otherwise. */
  source: string;
  /** JSON Pointer of the rule that its chips belong to; null when nothing but the default covers it. */
  rule: string | null;
  chips: readonly Chip[];
  /** The worst problem of its own rule. */
  mark: Problem["severity"] | null;
  /** In words, for whoever points at the mark. */
  trouble: string;
};

const sources: Record<Because, string> = {
  tool: "",
  hide: "by the hide list",
  glob: "by a pattern",
  category: "by its category",
  default: "by default",
  all_tools: "by the rule for all tools",
};

/** Places by tool name. `before` gives its objects for the places that did not change. */
export function placesOf(
  document: PolicyDocument,
  tools: readonly EditorTool[],
  marks: Marks,
  before: ReadonlyMap<string, Place> | null,
): ReadonlyMap<string, Place> {
  return new Map(
    tools.map((tool) => {
      const place = placeOf(document, tool, marks);
      const last = before?.get(tool.name);
      return [tool.name, last && isSame(last, place) ? last : place];
    }),
  );
}

function placeOf(document: PolicyDocument, tool: EditorTool, marks: Marks): Place {
  const { lane, because } = laneOf(document, tool);
  const covering = coveringRule(document, tool.name, tool.category);
  const rule = covering && pointerOfRule(document, tool, covering);
  // A glob in the hide list hides others as well, so it is not this tool's own rule.
  const isOwn = because === "tool" || (because === "hide" && document.hide?.includes(tool.name) === true);
  const own = covering?.because === "tool" && rule !== null ? marks.within(rule) : [];
  return {
    lane: lane === "custom" ? "approve" : lane,
    isSometimes: lane === "custom",
    source: isOwn ? "" : sources[because],
    rule,
    chips: covering && rule !== null ? chipsOf(covering.rule, rule, marks) : [],
    mark: own.find(({ severity }) => severity === "error")?.severity ?? own[0]?.severity ?? null,
    trouble: own.map(({ message }) => message).join("; "),
  };
}

export function chipsOf(rule: ToolRule, pointer: string, marks: Marks): Chip[] {
  return blocksOf(rule).map((placed) => {
    const found = marks.within(`${pointer}/${placed.at}`);
    return {
      at: placed.at,
      kind: placed.block.kind,
      text: blockWords(placed),
      mark: found.find(({ severity }) => severity === "error")?.severity ?? found[0]?.severity ?? null,
    };
  });
}

/** The pointer of the rule that covers a tool. */
export function pointerOfRule(
  document: PolicyDocument,
  tool: EditorTool,
  { rule, because }: { rule: ToolRule; because: "tool" | "glob" | "category" },
): string | null {
  if (because === "tool") return pointerOf(["tools", tool.name]);
  if (because === "category") return pointerOf(["categories", tool.category]);
  const entry = Object.entries(document.tools ?? {}).find(([, held]) => held === rule);
  return entry ? pointerOf(["tools", entry[0]]) : null;
}

export type Marks = { within(pointer: string): readonly Problem[] };

/** Problems by the places that they lie in. */
export function marksOf(problems: readonly Problem[]): Marks {
  const byPlace = new Map<string, Problem[]>();
  for (const problem of problems) {
    for (let at = problem.pointer; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
      byPlace.set(at, [...(byPlace.get(at) ?? []), problem]);
    }
  }
  return { within: (pointer) => byPlace.get(pointer) ?? [] };
}

function isSame(one: Place, other: Place): boolean {
  return (
    one.lane === other.lane &&
    one.isSometimes === other.isSometimes &&
    one.source === other.source &&
    one.rule === other.rule &&
    one.mark === other.mark &&
    one.trouble === other.trouble &&
    one.chips.length === other.chips.length &&
    one.chips.every((chip, index) => {
      const against = other.chips[index];
      return (
        chip.at === against?.at &&
        chip.kind === against.kind &&
        chip.text === against.text &&
        chip.mark === against.mark
      );
    })
  );
}
