import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { JsonLd } from "../../_parts/json-ld.tsx";
import { absoluteUrl } from "../../_parts/page-metadata.ts";
import { visible } from "./visible.ts";

export type Crumb = { label: string; path: string; mono?: boolean };

/** The way to this page, for people and as data. The last one is the page itself. */
export function Crumbs({ trail }: { trail: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol className="flex flex-wrap items-center gap-1 text-ink-muted text-sm">
        {trail.map(({ label, path, mono }, index) => (
          <li key={path} className="flex min-w-0 max-w-full items-center gap-1">
            {index > 0 && <ChevronRight aria-hidden="true" className="size-3.5 shrink-0 text-ink-faint" />}
            {index === trail.length - 1 ? (
              <span aria-current="page" className={`min-w-0 truncate ${mono ? "font-mono text-xs" : ""}`}>
                {visible(label)}
              </span>
            ) : (
              <Link prefetch={false} href={path} className="min-w-0 truncate rounded hover:text-ink hover:underline">
                {visible(label)}
              </Link>
            )}
          </li>
        ))}
      </ol>
      <JsonLd
        data={{
          "@type": "BreadcrumbList",
          itemListElement: trail.map(({ label, path }, index) => ({
            "@type": "ListItem",
            position: index + 1,
            name: visible(label),
            item: absoluteUrl(path),
          })),
        }}
      />
    </nav>
  );
}
