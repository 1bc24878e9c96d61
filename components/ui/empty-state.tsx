import type { ReactNode } from "react";
import { cn } from "./cn.ts";

/** What a list shows when it holds nothing: what would be here, and the way to the first one. */
export function EmptyState({
  icon,
  title,
  children,
  actions,
  className,
  heading: Heading = "h2",
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  className?: string;
  /** `h1` when it is all there is on the page. */
  heading?: "h1" | "h2";
}) {
  return (
    <div className={cn("flex flex-col items-center px-6 py-12 text-center", className)}>
      {icon && (
        <div
          aria-hidden="true"
          className="mb-4 grid size-10 place-items-center rounded-lg border bg-raised text-ink-muted [&_svg]:size-5"
        >
          {icon}
        </div>
      )}
      <Heading className="font-semibold text-ink text-lg">{title}</Heading>
      {children && <div className="mt-1 max-w-md text-pretty text-ink-muted">{children}</div>}
      {actions && <div className="mt-5 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}
