import type { Metadata } from "next";
import Link from "next/link";
import { searchCatalog } from "../../_server/catalog/search.ts";
import { catalogTotals } from "../../_server/catalog/totals.ts";
import { JsonLd } from "../_parts/json-ld.tsx";
import { absoluteUrl, pageMetadata } from "../_parts/page-metadata.ts";
import { CategoryBar, CategoryDot, worstFirst } from "./_parts/category-bar.tsx";
import { count } from "./_parts/facts.tsx";
import { CatalogSearch } from "./catalog-search.tsx";
import { readSearchAsked, searchPath } from "./search-asked.ts";
import { type Find, suggest } from "./suggest.ts";

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

const perPage = 25;
const title = "Catalog of MCP servers and their tools";
const description =
  "What can an agent do with this MCP server, and what policy should be put on it? Tools of real servers, each classified by what it can do, with the evidence and a policy that can be pasted.";

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const asked = readSearchAsked(await searchParams);
  const isSearch = searchPath(asked) !== "/catalog";
  return {
    ...pageMetadata({
      title,
      description,
      path: "/catalog",
    }),
    // One page for search engines; what somebody searched for is not another one.
    ...(isSearch ? { robots: { index: false, follow: true } } : {}),
  };
}

/** Search over every server and tool that is known here. */
export default async function CatalogPage({ searchParams }: Props) {
  const asked = readSearchAsked(await searchParams);
  const find: Find = (question, limit) => searchCatalog({ ...question, limit });
  const [totals, found] = await Promise.all([catalogTotals(), find(asked, perPage)]);
  const suggestion = found.items.length === 0 ? await suggest(asked, find) : null;
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-8 pb-16 sm:px-6">
      <h1 className="font-semibold text-2xl tracking-tight sm:text-3xl">Catalog</h1>
      <p className="mt-2 mb-5 max-w-2xl text-pretty text-ink-muted text-lg">
        What can your agent do with this server, and what policy should you put on it? {count(totals.servers, "server")}{" "}
        and {count(totals.tools, "tool")}, each classified by its definition.{" "}
        <Link href="/catalog/changes" prefetch={false} className="text-accent underline-offset-4 hover:underline">
          What changed
        </Link>
      </p>
      <CatalogSearch initial={{ asked, found, suggestion }} totals={totals} />
      <JsonLd
        data={{
          "@type": "CollectionPage",
          name: title,
          description,
          url: absoluteUrl("/catalog"),
          inLanguage: "en",
        }}
      />
      <section aria-labelledby="by-category" className="mt-12">
        <h2 id="by-category" className="font-semibold text-xl tracking-tight">
          What the tools can do
        </h2>
        <CategoryBar counts={totals.byCategory} className="mt-4 h-2.5 w-full" />
        <ul className="mt-3 flex flex-wrap gap-x-6 gap-y-2">
          {worstFirst.map((category) => (
            <li key={category}>
              <Link
                href={`/category/${category.toLowerCase()}`}
                prefetch={false}
                className="flex items-baseline gap-2 rounded hover:underline"
              >
                <CategoryDot category={category} />
                <span className="font-semibold tabular-nums">
                  {totals.byCategory[category].toLocaleString("en-US")}
                </span>
                {category}
              </Link>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
