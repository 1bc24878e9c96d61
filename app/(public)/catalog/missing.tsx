import { SearchX } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { searchCatalog } from "@/app/_server/catalog/search.ts";
import { answerNotFound } from "@/app/_server/page-status.ts";
import { Button } from "@/components/ui/button.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { Input } from "@/components/ui/input.tsx";
import { visible } from "./_parts/visible.ts";
import { Cards } from "./results.tsx";
import { queryLengthMax, type SearchAsked } from "./search-asked.ts";
import { type Find, suggest } from "./suggest.ts";

export const missingMetadata: Metadata = { title: "Not in the catalog", robots: { index: false, follow: true } };

const suggestedMax = 5;

/** The page of a server or tool that nobody knows: a 404, with a search and what comes near. */
export async function missingPage(wanted: string, of: SearchAsked["of"]) {
  answerNotFound();
  // Half a character, or none, cannot be searched for.
  const q = wanted
    .replace(/[\0\p{Surrogate}]/gu, " ")
    .slice(0, queryLengthMax)
    .trim();
  const near = q === "" ? [] : await findNear({ q, of });
  return (
    <div className="mx-auto w-full max-w-2xl px-4 pt-8 pb-16 sm:px-6">
      <EmptyState
        heading="h1"
        icon={<SearchX />}
        title={`The catalog has no such ${of === "tools" ? "tool" : "server"}`}
        actions={
          <Button asChild>
            <Link prefetch={false} href="/catalog">
              The whole catalog
            </Link>
          </Button>
        }
      >
        {q !== "" && (
          <span className="[overflow-wrap:anywhere]">
            Nothing is known here of <code className="font-mono text-ink">{visible(q)}</code>.
          </span>
        )}
      </EmptyState>
      <search aria-label="The catalog">
        <form action="/catalog" method="get" className="flex gap-2">
          <Input type="search" name="q" aria-label="Search servers and tools" defaultValue={q} />
          <input type="hidden" name="of" value={of} />
          <Button type="submit" variant="primary">
            Search
          </Button>
        </form>
      </search>
      {near.length > 0 && (
        <section aria-labelledby="near" className="mt-8">
          <h2 id="near" className="mb-3 font-semibold text-lg">
            Did you mean one of these?
          </h2>
          <div className="overflow-hidden rounded-lg border bg-surface">
            <Cards items={near} query={q} label="Suggestions" />
          </div>
        </section>
      )}
    </div>
  );
}

async function findNear(asked: SearchAsked) {
  const find: Find = (question, limit) => searchCatalog({ ...question, limit });
  const { items } = await find(asked, suggestedMax);
  return items.length > 0 ? items : ((await suggest(asked, find))?.items ?? []);
}
