import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { controlStyle, Input } from "@/components/ui/input.tsx";
import { serverPath } from "../../../../catalog/address.ts";
import type { ServerDetail, ToolCard } from "../../../api/v1/catalog-schemas.ts";
import { worstFirst } from "../_parts/category-bar.tsx";
import { Section } from "../_parts/section.tsx";
import { ToolRows } from "../_parts/tool-rows.tsx";
import { visible } from "../_parts/visible.ts";
import type { ToolsAsked } from "./tools-asked.ts";

/** All tools of a server, a page at a time, filtered by a form that needs no script. */
export function Tools({
  server,
  asked,
  page,
}: {
  server: ServerDetail;
  asked: ToolsAsked;
  page: { items: readonly ToolCard[]; nextCursor: string | null };
}) {
  const { items, nextCursor } = page;
  const isFiltered = asked.q !== "" || asked.category !== undefined;
  const path = serverPath(server.slug);
  return (
    <Section id="tools" title={`All tools of ${visible(server.name)}`}>
      <div className="overflow-hidden rounded-lg border bg-surface">
        <search aria-label="Tools of this server">
          <form
            action={`${path}#tools`}
            method="get"
            className="flex flex-wrap items-center gap-2 border-b bg-raised/60 px-3 py-2"
          >
            <Input
              type="search"
              name="q"
              aria-label="Part of a tool's name"
              placeholder="Part of a name"
              defaultValue={asked.q}
              maxLength={200}
              className="h-8 w-auto min-w-0 flex-1 basis-40"
            />
            <select
              name="category"
              aria-label="Category"
              defaultValue={asked.category ?? ""}
              className={cn(controlStyle, "h-8 w-auto")}
            >
              <option value="">Every category</option>
              {worstFirst.map((category) => (
                <option key={category} value={category}>
                  {category} ({server.counts[category]})
                </option>
              ))}
            </select>
            <Button type="submit" size="sm" className="h-8">
              Filter
            </Button>
            {isFiltered && (
              <Link
                prefetch={false}
                href={`${path}#tools`}
                scroll={false}
                className="rounded px-1 text-accent text-sm hover:underline"
              >
                Show all
              </Link>
            )}
          </form>
        </search>
        {items.length === 0 ? (
          <p className="px-4 py-6 text-center text-ink-muted">
            {isFiltered ? "No tool of this server fits the filter." : "There are no more tools."}
          </p>
        ) : (
          <ToolRows tools={items} label={`Tools of ${visible(server.name)}`} query={asked.q} />
        )}
        {(nextCursor !== null || asked.cursor !== undefined) && (
          <nav aria-label="Pages of tools" className="flex justify-between gap-4 border-t px-4 py-2.5 text-sm">
            {asked.cursor === undefined ? (
              <span />
            ) : (
              <Link
                prefetch={false}
                href={`${path}${queryOf({ ...asked, cursor: undefined })}#tools`}
                className="text-accent hover:underline"
              >
                From the beginning
              </Link>
            )}
            {nextCursor !== null && (
              <Link
                prefetch={false}
                href={`${path}${queryOf({ ...asked, cursor: nextCursor })}#tools`}
                rel="next"
                className="flex items-center gap-1 font-medium text-accent hover:underline"
              >
                Next page
                <ArrowRight aria-hidden="true" className="size-4" />
              </Link>
            )}
          </nav>
        )}
      </div>
    </Section>
  );
}

function queryOf({ q, category, cursor }: ToolsAsked): string {
  const query = new URLSearchParams();
  if (q !== "") query.set("q", q);
  if (category !== undefined) query.set("category", category);
  if (cursor !== undefined) query.set("cursor", cursor);
  return query.size === 0 ? "" : `?${query}`;
}
