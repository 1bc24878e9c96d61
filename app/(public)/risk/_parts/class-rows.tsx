import Link from "next/link";
import { RiskBadge, severityTone } from "@/components/risk-badge.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import type { RiskCategory } from "../../../../catalog/schema.ts";
import { severityOf } from "../../../../catalog/schema.ts";
import { categoryPath, riskPath, severityWords } from "../../catalog/_parts/categories.ts";
import { meaning, recommendedWords } from "./words.ts";

/** The classes side by side: what each means, how bad it is, what we recommend, and how many tools have it. */
export function ClassRows({
  categories,
  counts,
}: {
  categories: readonly RiskCategory[];
  counts: Record<RiskCategory, number>;
}) {
  return (
    <ul className="grid gap-px overflow-hidden rounded-lg border bg-line">
      {categories.map((category) => {
        const severity = severityOf[category];
        return (
          <li
            key={category}
            className="grid gap-x-6 gap-y-2 bg-surface px-4 py-3 sm:grid-cols-[9rem_minmax(0,1fr)_8rem]"
          >
            <div className="flex flex-wrap content-start items-start gap-2 sm:grid sm:justify-items-start">
              <Link
                href={categoryPath(category)}
                prefetch={false}
                className="rounded font-semibold text-accent hover:underline"
              >
                {category}
              </Link>
              <Link href={riskPath(severity)} prefetch={false} className="inline-flex rounded">
                <Badge tone={severityTone[severity]}>{severityWords[severity]}</Badge>
              </Link>
            </div>
            <div className="min-w-0">
              <p className="text-pretty">{meaning[category]}</p>
              <p className="mt-1 text-pretty text-ink-muted text-sm">
                <span className="text-ink-faint">Recommended: </span>
                {recommendedWords[category]}
              </p>
            </div>
            <p className="text-ink-muted text-sm tabular-nums sm:text-right">
              <span className="sm:block sm:text-ink sm:text-lg">{counts[category].toLocaleString("en-US")}</span> in the
              catalog
            </p>
          </li>
        );
      })}
    </ul>
  );
}

/** The badge of a category, as a way to its page. */
export function CategoryLinks({ categories }: { categories: readonly RiskCategory[] }) {
  return (
    <ul className="flex flex-wrap gap-2">
      {categories.map((category) => (
        <li key={category}>
          <Link href={categoryPath(category)} prefetch={false} className="inline-flex rounded">
            <RiskBadge category={category} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
