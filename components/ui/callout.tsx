import { cva, type VariantProps } from "class-variance-authority";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";

const calloutStyle = cva("flex gap-2.5 rounded-md border px-3 py-2.5 text-sm", {
  variants: {
    tone: {
      info: "border-line bg-raised text-ink",
      ok: "border-ok-line bg-ok-soft text-ink [&>svg]:text-ok",
      warn: "border-warn-line bg-warn-soft text-ink [&>svg]:text-warn",
      danger: "border-danger-line bg-danger-soft text-ink [&>svg]:text-danger",
    },
  },
  defaultVariants: { tone: "info" },
});
const icons = { info: Info, ok: CircleCheck, warn: TriangleAlert, danger: CircleAlert };

export function Callout({
  tone = "info",
  title,
  children,
  actions,
  role,
  className,
}: VariantProps<typeof calloutStyle> & {
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** `alert` is read out at once, `status` when the reader pauses. */
  role?: "alert" | "status";
  className?: string;
}) {
  const Icon = icons[tone ?? "info"];
  return (
    <div role={role} className={cn(calloutStyle({ tone }), className)}>
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">
        {title && <p className="font-medium">{title}</p>}
        {children && <div className="min-w-0 text-pretty break-words text-ink-muted">{children}</div>}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}
