"use client";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn.ts";

export const Dialog = Radix.Root;
export const DialogTrigger = Radix.Trigger;
export const DialogClose = Radix.Close;

/** The window of a dialog: title, one sentence, content that scrolls, and a foot for the buttons. */
export function DialogContent({
  title,
  description,
  footer,
  size = "md",
  className,
  children,
  ...props
}: Omit<ComponentProps<typeof Radix.Content>, "title"> & {
  title: ReactNode;
  description?: ReactNode;
  footer?: ReactNode;
  size?: "sm" | "md" | "lg";
}) {
  return (
    <Radix.Portal>
      <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-black/45 backdrop-blur-[1px]" />
      <div className="pointer-events-none fixed inset-0 z-50 grid grid-cols-[minmax(0,1fr)] items-end justify-items-center sm:place-items-center sm:p-6">
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cn(
            "pointer-events-auto relative flex max-h-[92dvh] w-full animate-enter flex-col rounded-t-xl border bg-surface shadow-pop sm:max-h-[86dvh] sm:rounded-xl",
            { sm: "sm:max-w-md", md: "sm:max-w-xl", lg: "sm:max-w-3xl" }[size],
            className,
          )}
          {...props}
        >
          <div className="px-5 pt-4 pr-12 pb-3">
            <Radix.Title className="font-semibold text-ink text-lg">{title}</Radix.Title>
            {description && (
              <Radix.Description className="mt-0.5 text-pretty text-ink-muted text-sm">{description}</Radix.Description>
            )}
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-1.5">{children}</div>
          {footer && <div className="flex flex-wrap justify-end gap-2 px-5 pt-3 pb-4">{footer}</div>}
          {!footer && <div className="pb-3" />}
          <Radix.Close
            aria-label="Close"
            className="absolute top-3 right-3 grid size-8 place-items-center rounded-md text-ink-muted hover:bg-raised hover:text-ink"
          >
            <X aria-hidden="true" className="size-4" />
          </Radix.Close>
        </Radix.Content>
      </div>
    </Radix.Portal>
  );
}

/** The buttons of a form in a dialog: they stay in sight while the form scrolls. */
export function DialogActions({ children }: { children: ReactNode }) {
  return (
    <div className="sticky -bottom-1.5 -mx-5 -mb-1.5 flex flex-wrap justify-end gap-2 border-t bg-surface px-5 pt-3 pb-1.5">
      {children}
    </div>
  );
}

/** A panel at the side, for menus on narrow screens. */
export function SheetContent({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Radix.Portal>
      <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-black/45" />
      <Radix.Content
        aria-describedby={undefined}
        className="fixed inset-y-0 left-0 z-50 flex w-72 max-w-[85vw] animate-fade flex-col border-r bg-surface shadow-pop"
      >
        <Radix.Title className="sr-only">{title}</Radix.Title>
        {children}
        <Radix.Close
          aria-label="Close"
          className="absolute top-3 right-3 grid size-8 place-items-center rounded-md text-ink-muted hover:bg-raised hover:text-ink"
        >
          <X aria-hidden="true" className="size-4" />
        </Radix.Close>
      </Radix.Content>
    </Radix.Portal>
  );
}
