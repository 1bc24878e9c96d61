"use client";
import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useEffect } from "react";
import { usePendingCount } from "@/app/_client/approvals.ts";
import { keepWindowTitle } from "@/app/_client/window-title.ts";

/** The top of a page: where it is, its name, one sentence, and what can be done. */
export function PageHeader({
  title,
  trail = [],
  badges,
  description,
  actions,
}: {
  title: string;
  trail?: readonly { href: string; label: string }[];
  badges?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
}) {
  // Names of servers and policies are known only in the browser, so the title of the window follows the heading.
  // It also says how many calls wait for a person, whatever page is open.
  const waiting = usePendingCount();
  useEffect(() => keepWindowTitle(`${waiting > 0 ? `(${waiting}) ` : ""}${title} · PolicyLayer`), [title, waiting]);
  return (
    <header className="mb-5">
      {trail.length > 0 && (
        <nav aria-label="Breadcrumb" className="mb-1.5">
          <ol className="flex flex-wrap items-center gap-1 text-ink-muted text-sm">
            {trail.map((step, index) => (
              <li key={step.href} className="flex items-center gap-1">
                {index > 0 && <ChevronRight aria-hidden="true" className="size-3.5 text-ink-faint" />}
                <Link href={step.href} className="rounded hover:text-ink hover:underline">
                  {step.label}
                </Link>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-2">
            <h1 className="min-w-0 break-words font-semibold text-ink text-xl tracking-tight">{title}</h1>
            {badges}
          </div>
          {description && <div className="mt-0.5 max-w-2xl text-pretty text-ink-muted">{description}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
    </header>
  );
}
