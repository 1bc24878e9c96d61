"use client";
import { SearchX } from "lucide-react";
import { useMemo, useState } from "react";
import { ruleFor } from "../../policy/evaluate.ts";
import { explain } from "../../policy/explain.ts";
import type { ParsedPolicy } from "../../policy/parse.ts";
import { Callout } from "../ui/callout.tsx";
import { cn } from "../ui/cn.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { SearchInput } from "../ui/search-input.tsx";
import type { EditorTool } from "./editor-tool.ts";
import { searchGroups, sentenceGroups } from "./sentence-groups.ts";

/** From here on, looking for a sentence is quicker than reading them. */
const searchFrom = 12;

/** The policy in plain words; each sentence leads to its place. */
export function Sentences({
  parsed,
  tools,
  onGo,
}: {
  parsed: ParsedPolicy;
  tools: readonly EditorTool[];
  onGo: (pointer: string) => void;
}) {
  const [search, setSearch] = useState("");
  const [last, setLast] = useState(parsed);
  if (parsed.ok && parsed !== last) setLast(parsed);
  const shownPolicy = parsed.ok ? parsed : last;
  const policy = shownPolicy.ok ? shownPolicy.policy : null;

  const groups = useMemo(() => (policy ? sentenceGroups(explain(policy)) : []), [policy]);
  const found = useMemo(() => searchGroups(groups, search), [groups, search]);
  /** How many tools each rule is about, where that is not plain from its name. */
  const covers = useMemo(() => {
    const counts = new Map<string, number>();
    for (const tool of policy ? tools : []) {
      const rule = policy ? ruleFor(policy, tool.name, tool.category) : null;
      const at = rule?.pointer ?? "/default";
      counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    return counts;
  }, [policy, tools]);

  if (policy === null) {
    return (
      <EmptyState title="Nothing to read yet">
        The policy has errors. Once it can be read, it stands here in plain words.
      </EmptyState>
    );
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      {!parsed.ok && (
        <Callout tone="warn" className="m-3 mb-0">
          The draft has errors. These words are about the last draft that could be read.
        </Callout>
      )}
      {groups.length > searchFrom && (
        <div className="border-b p-3">
          <SearchInput label="Search the sentences" value={search} onChange={setSearch} />
        </div>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto">
        {found.map((group) => (
          <section
            key={group.pointer}
            aria-label={group.title}
            // What is out of sight is not laid out: policies with hundreds of rules stay quick.
            className="px-3 pt-3 pb-1 [contain-intrinsic-size:auto_4.5rem] [content-visibility:auto]"
          >
            <h3 className={cn("flex items-baseline justify-between gap-3 px-2 text-ink text-xs")}>
              <span className={cn("min-w-0 break-words", group.isName ? "font-medium font-mono" : "font-semibold")}>
                {group.title}
              </span>
              <Cover pointer={group.pointer} isName={group.isName} count={covers.get(group.pointer)} />
            </h3>
            <ul className="mt-0.5">
              {group.sentences.map(({ pointer, text }) => (
                <li key={`${pointer} ${text}`}>
                  <button
                    type="button"
                    onClick={() => onGo(pointer)}
                    className="w-full text-pretty break-words rounded-md px-2 py-1 text-left text-ink-muted text-sm hover:bg-raised hover:text-ink focus-visible:outline-offset-[-2px]"
                  >
                    {/[.!?…]"?$/.test(text) ? text : `${text}.`}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {found.length === 0 && (
          <EmptyState icon={<SearchX />} title="No sentence fits">
            Try a tool's name, or a word such as “denied” or “person”.
          </EmptyState>
        )}
        <div className="h-3" />
      </div>
    </div>
  );
}

/** Only where the number says something: a glob or a category, or a name that the server does not have. */
function Cover({ pointer, isName, count = 0 }: { pointer: string; isName: boolean; count: number | undefined }) {
  if (pointer === "" || pointer === "/all_tools") return null;
  if (isName && !pointer.includes("*")) {
    return count === 0 ? <span className="shrink-0 text-warn">not on this server</span> : null;
  }
  return <span className="shrink-0 text-ink-muted">{count === 1 ? "1 tool" : `${count} tools`}</span>;
}
