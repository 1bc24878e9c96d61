import { ArrowRight } from "lucide-react";
import Link from "next/link";
import type { ServerCard, ToolCard } from "../../api/v1/catalog-schemas.ts";
import { ServerRows } from "./_parts/server-rows.tsx";
import { ToolRows } from "./_parts/tool-rows.tsx";
import { type SearchAsked, searchPath } from "./search-asked.ts";
import type { Found, Suggestion } from "./suggest.ts";

/** What was found, as links, and the way to the next page. */
export function Results({
  asked,
  found,
  suggestion,
}: {
  asked: SearchAsked;
  found: Found;
  suggestion: Suggestion | null;
}) {
  if (found.items.length === 0) return <NothingFound asked={asked} suggestion={suggestion} />;
  return (
    <>
      <Cards items={found.items} query={asked.q} label={asked.of === "tools" ? "Tools found" : "Servers found"} />
      {(found.nextCursor !== null || asked.cursor !== undefined) && (
        <nav aria-label="Pages of results" className="flex justify-between gap-4 border-t px-4 py-2.5 text-sm">
          {asked.cursor === undefined ? (
            <span />
          ) : (
            <Link
              prefetch={false}
              href={searchPath({ ...asked, cursor: undefined })}
              className="rounded text-accent hover:underline"
            >
              From the beginning
            </Link>
          )}
          {found.nextCursor !== null && (
            <Link
              prefetch={false}
              href={searchPath({ ...asked, cursor: found.nextCursor })}
              rel="next"
              className="flex items-center gap-1 rounded font-medium text-accent hover:underline"
            >
              Next page
              <ArrowRight aria-hidden="true" className="size-4" />
            </Link>
          )}
        </nav>
      )}
    </>
  );
}

/** Servers and tools as lists of links. */
export function Cards({ items, query, label }: { items: Found["items"]; query: string; label: string }) {
  const tools = items.filter((item): item is ToolCard => "server" in item);
  const servers = items.filter((item): item is ServerCard => !("server" in item));
  return (
    <>
      {servers.length > 0 && <ServerRows servers={servers} label={label} query={query} />}
      {tools.length > 0 && <ToolRows tools={tools} label={label} query={query} showServer />}
    </>
  );
}

const reasons: Record<Suggestion["why"], string> = {
  unfiltered: "Without the filters there is",
  elsewhere: "Among the others there is",
  near: "Did you mean one of these?",
};

function NothingFound({ asked, suggestion }: { asked: SearchAsked; suggestion: Suggestion | null }) {
  const what = asked.of === "tools" ? "tool" : "server";
  if (asked.cursor !== undefined) {
    return (
      <p className="px-4 py-8 text-center text-ink-muted">
        There is nothing more.{" "}
        <Link
          prefetch={false}
          href={searchPath({ ...asked, cursor: undefined })}
          className="rounded text-accent hover:underline"
        >
          From the beginning
        </Link>
      </p>
    );
  }
  return (
    <div className="pt-8">
      <div className="px-4 pb-6 text-center">
        <p className="font-semibold text-lg">
          {asked.q.trim() === "" ? `No ${what} fits these filters` : `Nothing found for “${asked.q.trim()}”`}
        </p>
        <p className="mx-auto mt-1 max-w-md text-pretty text-ink-muted">
          {suggestion === null
            ? "Try fewer words, or the name of its package. A server that nobody has listed here yet can still be registered: its tools are classified then."
            : reasons[suggestion.why]}
        </p>
      </div>
      {suggestion !== null && (
        <div className="border-t">
          <Cards items={suggestion.items} query={suggestion.asked.q} label="Suggestions" />
          <p className="border-t px-4 py-2.5 text-sm">
            <Link
              prefetch={false}
              href={searchPath(suggestion.asked)}
              className="rounded font-medium text-accent hover:underline"
            >
              Show all of them
            </Link>
          </p>
        </div>
      )}
    </div>
  );
}

/** For a screen reader, and for whoever wonders how many there are. */
export function foundWords({ of }: SearchAsked, { items, nextCursor }: Found): string {
  if (items.length === 0) return "Nothing found";
  const one = of === "tools" ? "tool" : "server";
  const many = items.length === 1 ? one : `${one}s`;
  return nextCursor === null ? `${items.length} ${many}` : `The first ${items.length} ${many}, more on the next page`;
}
