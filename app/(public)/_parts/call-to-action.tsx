import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button.tsx";

/** The last thing on a page: what to do now, and that it costs nothing to begin. */
export function CallToAction({
  title,
  children,
  href = "/signup",
  label = "Create a free account",
}: {
  title: ReactNode;
  /** A sentence or two. */
  children?: ReactNode;
  href?: string;
  label?: string;
}) {
  return (
    <section
      aria-label="Get started"
      className="flex flex-wrap items-center justify-between gap-x-8 gap-y-4 rounded-lg border bg-surface px-6 py-6"
    >
      <div className="min-w-0 max-w-2xl">
        <h2 className="text-balance break-words font-semibold text-lg">{title}</h2>
        {children && <div className="mt-1 text-pretty break-words text-ink-muted">{children}</div>}
      </div>
      <div className="grid justify-items-start gap-1.5 sm:justify-items-center">
        <Button asChild variant="primary" size="lg">
          <Link href={href} prefetch={false}>
            {label}
          </Link>
        </Button>
        <p className="text-ink-muted text-xs">Free to start. No card required.</p>
      </div>
    </section>
  );
}
