import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export const controlStyle =
  "w-full rounded-md border border-control-line/70 bg-surface px-2.5 text-base text-ink placeholder:text-ink-faint transition-colors hover:border-control-line focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-accent disabled:bg-raised disabled:text-ink-muted aria-invalid:border-danger-solid";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(controlStyle, "h-8.5", className)} {...props} />;
}
