import Link from "next/link";
import type { RiskCategory, Severity } from "../../../../catalog/schema.ts";
import { searchCatalog } from "../../../_server/catalog/search.ts";
import { count } from "../../catalog/_parts/facts.tsx";
import { ToolRows } from "../../catalog/_parts/tool-rows.tsx";

const shownMax = 8;

/** Tools of the catalog of one kind, and the way to all of them. */
export async function ExampleTools({
  of,
  total,
}: {
  of: { category: RiskCategory } | { severity: Severity };
  /** How many there are. */
  total: number;
}) {
  const { items } = await searchCatalog({ of: "tools", limit: shownMax, ...of });
  if (items.length === 0) return <p className="text-ink-muted">The catalog holds no such tool yet.</p>;
  const query = new URLSearchParams({ of: "tools", ...of });
  return (
    <>
      <div className="overflow-hidden rounded-lg border bg-surface">
        <ToolRows tools={items} label="Tools of the catalog" showServer />
      </div>
      {total > items.length && (
        <p className="mt-3 text-sm">
          <Link href={`/catalog?${query}`} prefetch={false} className="rounded font-medium text-accent hover:underline">
            All {count(total, "such tool")} in the catalog
          </Link>
        </p>
      )}
    </>
  );
}
