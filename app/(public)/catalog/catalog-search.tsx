"use client";
import { useEffect, useRef } from "react";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SearchInput } from "@/components/ui/search-input.tsx";
import type { CatalogTotals } from "../../api/v1/catalog-schemas.ts";
import { Filters } from "./filters.tsx";
import { foundWords, Results } from "./results.tsx";
import { readSearchAsked, type SearchAsked, searchPath } from "./search-asked.ts";
import { type SearchState, useSearch } from "./use-search.ts";

/** The search and what it finds. Without a script it is a form and a list; with one it answers as you type. */
export function CatalogSearch({ initial, totals }: { initial: SearchState; totals: CatalogTotals }) {
  const { asked, shown, busy, trouble, ask } = useSearch(initial);
  const form = useRef<HTMLFormElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const results = useRef<HTMLDivElement>(null);
  useArrowKeys(results, input);

  // What was typed and chosen before the page was alive.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it comes alive
  useEffect(() => {
    if (form.current === null) return;
    const fields = [...new FormData(form.current)].map(([name, value]) => [name, String(value)]);
    const { cursor: _, ...there } = readSearchAsked(Object.fromEntries(fields));
    if (searchPath(there) !== searchPath({ ...asked, cursor: undefined })) change(there, true);
  }, []);

  function change(changed: Partial<SearchAsked>, typing = false) {
    ask({ ...asked, ...changed, cursor: undefined }, { typing });
  }

  return (
    <>
      <search aria-label="The catalog">
        <form
          ref={form}
          action="/catalog"
          method="get"
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            change({});
          }}
        >
          <div className="flex gap-2">
            <SearchInput
              label="Search servers and tools"
              placeholder="A server, a package or a tool: stripe, vm_create_image, delete file"
              name="q"
              value={asked.q}
              onChange={(q) => change({ q }, true)}
              inputRef={input}
              className="flex-1"
              inputClassName="h-11 text-lg [&::-webkit-search-cancel-button]:hidden"
              onKeyDown={(event) => {
                if (event.key !== "ArrowDown") return;
                event.preventDefault();
                linksIn(results.current)[0]?.focus();
              }}
            />
            <Button type="submit" variant="primary" size="lg" className="h-11" loading={busy}>
              Search
            </Button>
          </div>
          <Filters asked={asked} totals={totals} onChange={change} />
        </form>
      </search>
      <div className="mt-4 flex min-h-5 flex-wrap justify-between gap-x-4 text-ink-muted text-sm">
        <p role="status">{trouble === null ? foundWords(shown.asked, shown.found) : "The search did not work"}</p>
        <p aria-hidden="true" className="text-xs max-sm:hidden pointer-coarse:hidden">
          <kbd className="font-mono">/</kbd> to search, <kbd className="font-mono">↓ ↑</kbd> to move,{" "}
          <kbd className="font-mono">Enter</kbd> to open, <kbd className="font-mono">Esc</kbd> to clear
        </p>
      </div>
      <div
        ref={results}
        aria-busy={busy}
        className={cn("mt-2 overflow-hidden rounded-lg border bg-surface transition-opacity", busy && "opacity-60")}
      >
        {trouble === null ? (
          <Results {...shown} />
        ) : (
          <ErrorState title="The catalog could not be searched" detail={trouble.detail} onRetry={() => ask(asked)} />
        )}
      </div>
    </>
  );
}

function linksIn(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>("a[data-result]") ?? [])];
}

/** Arrow keys go from result to result, and from the first one back to the field; Escape leads there from anywhere. */
function useArrowKeys(
  results: React.RefObject<HTMLDivElement | null>,
  input: React.RefObject<HTMLInputElement | null>,
): void {
  useEffect(() => {
    const list = results.current;
    function onKeyDown(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const links = linksIn(list);
      const at = links.indexOf(document.activeElement as HTMLElement);
      if (at === -1) return;
      const target: Record<string, HTMLElement | null | undefined> = {
        ArrowDown: links[at + 1] ?? links[at],
        ArrowUp: links[at - 1] ?? input.current,
        Home: links[0],
        End: links.at(-1),
        Escape: input.current,
      };
      const next = target[event.key];
      if (!next) return;
      event.preventDefault();
      next.focus();
    }
    list?.addEventListener("keydown", onKeyDown);
    return () => list?.removeEventListener("keydown", onKeyDown);
  }, [results, input]);
}
