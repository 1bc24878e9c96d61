import { Rss } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { serverPath } from "../../../../catalog/address.ts";
import { catalogEvents } from "../../../_server/catalog/events.ts";
import { findCatalogServer } from "../../../_server/catalog/servers.ts";
import { type CatalogEventKind, catalogEventKinds } from "../../../api/v1/catalog-schemas.ts";
import { pageMetadata } from "../../_parts/page-metadata.ts";
import { Crumbs } from "../_parts/crumbs.tsx";
import { visible } from "../_parts/visible.ts";
import { missingPage } from "../missing.tsx";
import { changesPath, feedPath, readChangesAsked } from "./changes-asked.ts";
import { EventRow } from "./event-row.tsx";

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

const perPage = 30;

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { server: slug, kind, cursor } = readChangesAsked(await searchParams);
  const server = slug === undefined ? null : await findCatalogServer(slug);
  const about = server ? `What changed in ${visible(server.name)}` : "What changed in the catalog";
  const metadata = pageMetadata({
    title: about,
    description:
      "New tools, tools that are gone and definitions that changed, from one listing of an MCP server to the next, with what is different. An Atom feed has the same.",
    path: "/catalog/changes",
  });
  return {
    ...metadata,
    alternates: { ...metadata.alternates, types: { "application/atom+xml": [{ url: feedPath(slug), title: about }] } },
    // One page for search engines.
    ...(server || kind || cursor ? { robots: { index: false, follow: true } } : {}),
  };
}

/** What was different when servers were listed again, newest first. */
export default async function ChangesPage({ searchParams }: Props) {
  const asked = readChangesAsked(await searchParams);
  const server = asked.server === undefined ? null : await findCatalogServer(asked.server);
  if (asked.server !== undefined && server === null) return missingPage(asked.server, "servers");
  const { items, nextCursor } = await catalogEvents({
    slug: asked.server,
    kind: asked.kind,
    cursor: asked.cursor,
    limit: perPage,
  });
  return (
    <div className="mx-auto w-full max-w-4xl px-4 pt-6 pb-16 sm:px-6">
      <Crumbs
        trail={[
          { label: "Catalog", path: "/catalog" },
          ...(server ? [{ label: server.name, path: serverPath(server.slug) }] : []),
          { label: "Changes", path: changesPath({ server: asked.server }) },
        ]}
      />
      <header className="mt-5 mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="font-semibold text-2xl tracking-tight [overflow-wrap:anywhere] sm:text-3xl">
            {server ? `What changed in ${visible(server.name)}` : "What changed"}
          </h1>
          <p className="mt-2 max-w-2xl text-pretty text-ink-muted">
            What was different when a server’s tools were listed again. A definition that changes after it was looked at
            is how a harmless tool becomes another one: the{" "}
            <Link href="/attacks/rug-pull" prefetch={false} className="text-accent underline underline-offset-4">
              rug pull
            </Link>
            .
          </p>
        </div>
        <a
          href={feedPath(asked.server)}
          type="application/atom+xml"
          className="inline-flex h-8.5 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-3 font-medium hover:bg-raised"
        >
          <Rss aria-hidden="true" className="size-4" />
          Atom feed
        </a>
      </header>
      <nav aria-label="Kinds of change" className="mb-4">
        <ul className="flex flex-wrap gap-1.5 text-sm">
          {[undefined, ...catalogEventKinds].map((kind) => (
            <li key={kind ?? "all"}>
              <Link
                href={changesPath({ server: asked.server, kind })}
                prefetch={false}
                aria-current={asked.kind === kind ? "true" : undefined}
                className="inline-block rounded-full border px-3 py-1 text-ink-muted hover:border-line-strong hover:text-ink aria-[current]:border-accent aria-[current]:bg-accent-soft aria-[current]:text-accent"
              >
                {kind === undefined ? "Everything" : kindWords[kind]}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {items.length === 0 ? (
        <p className="rounded-lg border bg-surface px-4 py-10 text-center text-ink-muted">
          {asked.cursor === undefined ? "Nothing has changed so far." : "There are no older changes."}
        </p>
      ) : (
        <ol aria-label="Changes" className="divide-y overflow-hidden rounded-lg border bg-surface">
          {items.map((event) => (
            <EventRow key={event.id} event={event} ofServer={server !== null} />
          ))}
        </ol>
      )}
      <nav aria-label="Pages of changes" className="mt-4 flex justify-between gap-4 text-sm">
        {asked.cursor === undefined ? (
          <span />
        ) : (
          <Link href={changesPath({ ...asked, cursor: undefined })} className="rounded text-accent hover:underline">
            Newest
          </Link>
        )}
        {nextCursor !== null && (
          <Link
            href={changesPath({ ...asked, cursor: nextCursor })}
            rel="next"
            className="rounded font-medium text-accent hover:underline"
          >
            Older changes
          </Link>
        )}
      </nav>
    </div>
  );
}

const kindWords: Record<CatalogEventKind, string> = {
  server_added: "New servers",
  version_changed: "New versions",
  tool_added: "New tools",
  tool_changed: "Changed definitions",
  tool_removed: "Tools gone",
};
