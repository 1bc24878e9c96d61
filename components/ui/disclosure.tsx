"use client";
import { ChevronRight } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

/** The button that opens and closes a row. */
export function DisclosureButton({
  open,
  className,
  children,
  ...props
}: ComponentProps<"button"> & { open: boolean }) {
  return (
    <button
      type="button"
      aria-expanded={open}
      className={cn("flex min-w-0 items-center gap-1.5 rounded text-left", className)}
      {...props}
    >
      <ChevronRight
        aria-hidden="true"
        className={cn("size-3.5 shrink-0 text-ink-faint transition-transform", open && "rotate-90")}
      />
      {children}
    </button>
  );
}
