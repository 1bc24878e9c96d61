import Link from "next/link";
import { serverPath } from "../../../../catalog/address.ts";
import { severityOf } from "../../../../catalog/schema.ts";
import type { ServerDetail } from "../../../api/v1/catalog-schemas.ts";
import { presenceWords } from "../_parts/badges.tsx";
import { severityWords } from "../_parts/categories.ts";
import { CategoryBar, CategoryDot, worstFirst } from "../_parts/category-bar.tsx";
import { count } from "../_parts/facts.tsx";

/** How its tools divide: by what they can do, and by whether the server lists them. */
export function Totals({ server }: { server: ServerDetail }) {
  const { counts, presences, slug } = server;
  const present = worstFirst.filter((category) => counts[category] > 0);
  return (
    <div className="grid gap-3">
      <CategoryBar counts={counts} className="h-2.5 w-full" />
      <ul aria-label="Tools by category" className="flex flex-wrap gap-x-6 gap-y-2">
        {present.map((category) => (
          <li key={category}>
            <Link
              href={`${serverPath(slug)}?category=${category}#tools`}
              prefetch={false}
              className="flex items-baseline gap-2 rounded hover:underline"
            >
              <CategoryDot category={category} />
              <span className="font-semibold tabular-nums">{counts[category].toLocaleString("en-US")}</span>
              {category}
              <span className="text-ink-muted text-xs">{severityWords[severityOf[category]].toLowerCase()}</span>
            </Link>
          </li>
        ))}
      </ul>
      {presences.declared + presences.unlisted > 0 && (
        <ul aria-label="Tools by how they are known" className="grid gap-1 text-ink-muted text-sm">
          {(["listed", "declared", "unlisted"] as const)
            .filter((presence) => presences[presence] > 0)
            .map((presence) => (
              <li key={presence} className="text-pretty">
                <span className="font-medium text-ink">
                  {presences[presence].toLocaleString("en-US")} {presenceWords[presence].label.toLowerCase()}
                </span>
                : {aboutMany[presence]}
              </li>
            ))}
        </ul>
      )}
      <p className="sr-only">{count(server.toolCount, "tool")} in all.</p>
    </div>
  );
}

const aboutMany = {
  listed: "the server names them in its list of tools.",
  declared: "they stand in the server's source and were not in its list when it was started.",
  unlisted: "the server answers calls of them, though its list does not name them.",
};
