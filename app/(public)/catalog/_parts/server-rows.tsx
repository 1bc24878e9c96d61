import Link from "next/link";
import { serverPath } from "../../../../catalog/address.ts";
import type { ServerCard } from "../../../api/v1/catalog-schemas.ts";
import { EvidenceBadge } from "./badges.tsx";
import { CategoryBar } from "./category-bar.tsx";
import { count } from "./facts.tsx";
import { sourceName } from "./identity.ts";
import { Marked } from "./marked.tsx";
import { firstSentence, visible } from "./visible.ts";

type Server = ServerCard & { why?: string };

/** Servers as a list of links. */
export function ServerRows({
  servers,
  label,
  query = "",
}: {
  servers: readonly Server[];
  label: string;
  query?: string;
}) {
  return (
    <ul aria-label={label} className="divide-y">
      {servers.map((server) => (
        <li key={server.slug}>
          <Link
            href={serverPath(server.slug)}
            prefetch={false}
            data-result
            className="flex flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-2.5 outline-offset-[-2px] hover:bg-raised"
          >
            <span className="min-w-0 flex-1 basis-64">
              <span className="flex flex-wrap items-center gap-x-2">
                <span className="min-w-0 font-medium [overflow-wrap:anywhere]">
                  <Marked text={visible(server.name)} query={query} />
                </span>
                {server.version !== null && (
                  <span className="font-mono text-ink-muted text-xs">{visible(server.version)}</span>
                )}
              </span>
              <span className="block truncate text-ink-muted text-sm">{lineOf(server, query)}</span>
            </span>
            <span className="grid shrink-0 justify-items-end gap-1">
              {server.evidence === "registry" ? (
                <EvidenceBadge evidence={server.evidence} />
              ) : (
                <>
                  <span className="text-ink-muted text-xs tabular-nums">{count(server.toolCount, "tool")}</span>
                  <CategoryBar counts={server.counts} className="h-1.5 w-32" />
                </>
              )}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function lineOf({ why, name, source, description }: Server, query: string) {
  if (why !== undefined) return visible(why);
  const real = sourceName(source);
  return (
    <>
      {real !== name && <Marked text={visible(real)} query={query} />}
      {real !== name && description !== null && " · "}
      {description !== null && <>“{<Marked text={visible(firstSentence(description))} query={query} />}”</>}
    </>
  );
}
