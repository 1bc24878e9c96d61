import Link from "next/link";
import { toolPath } from "../../../../catalog/address.ts";
import type { CatalogEventRow } from "../../../api/v1/catalog-schemas.ts";
import { whatHappened } from "../_parts/event-words.ts";
import { Day } from "../_parts/facts.tsx";
import { Name } from "../_parts/say.tsx";

/** What happened to the server and its tools, newest first. */
export function Changes({ slug, events }: { slug: string; events: readonly CatalogEventRow[] }) {
  return (
    <ol aria-label="Changes" className="divide-y overflow-hidden rounded-lg border bg-surface">
      {events.map((event) => (
        <li key={event.id} className="flex flex-wrap justify-between gap-x-6 gap-y-0.5 px-4 py-2.5 text-sm">
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {event.tool === null ? (
              whatHappened(event)
            ) : (
              <>
                <Link href={toolPath(slug, event.tool)} prefetch={false} className="rounded hover:underline">
                  <Name text={event.tool} />
                </Link>{" "}
                {whatHappened(event)}
              </>
            )}
          </span>
          <span className="text-ink-muted text-xs">
            <Day at={event.at} />
          </span>
        </li>
      ))}
    </ol>
  );
}
