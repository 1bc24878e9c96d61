import type { ReactNode } from "react";
import { cn } from "@/components/ui/cn.ts";

/** A part of a page with its heading, which can be linked to. */
export function Section({
  id,
  title,
  about,
  children,
  className,
}: {
  id: string;
  title: ReactNode;
  about?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section aria-labelledby={id} className={cn("min-w-0", className)}>
      <h2 id={id} className="scroll-mt-20 font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">
        {title}
      </h2>
      {about && <p className="mt-1 max-w-2xl text-pretty text-ink-muted [overflow-wrap:anywhere]">{about}</p>}
      <div className="mt-4">{children}</div>
    </section>
  );
}
