import Link from "next/link";
import type { Attack } from "../../../../catalog/attacks/attack.ts";
import { StandingBadge } from "./standing-badge.tsx";
import { attackPath } from "./words.ts";

/** Patterns as a list of links. */
export function AttackRows({ attacks, label }: { attacks: readonly Attack[]; label: string }) {
  return (
    <ul aria-label={label} className="divide-y overflow-hidden rounded-lg border bg-surface">
      {attacks.map(({ slug, title, oneLine, standing }) => (
        <li key={slug}>
          <Link
            href={attackPath(slug)}
            prefetch={false}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 outline-offset-[-2px] hover:bg-raised"
          >
            <span className="min-w-0 flex-1 basis-64">
              <span className="block font-medium">{title}</span>
              <span className="block text-pretty text-ink-muted text-sm">{oneLine}</span>
            </span>
            <StandingBadge standing={standing} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
