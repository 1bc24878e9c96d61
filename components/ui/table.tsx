import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

/** A table in a frame that scrolls sideways on its own when the page is too narrow. */
export function Table({
  className,
  label,
  ...props
}: ComponentProps<"table"> & { /** Says what the rows are. */ label: string }) {
  return (
    <div className="relative w-full overflow-x-auto">
      <table aria-label={label} className={cn("w-full border-collapse text-left text-sm", className)} {...props} />
    </div>
  );
}

export function Th({ className, ...props }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={cn(
        "h-8 whitespace-nowrap border-b px-3 font-medium text-ink-muted text-xs first:pl-4 last:pr-4",
        className,
      )}
      {...props}
    />
  );
}

export function Tr({ className, ...props }: ComponentProps<"tr">) {
  return <tr className={cn("border-b last:border-b-0", className)} {...props} />;
}

export function Td({ className, ...props }: ComponentProps<"td">) {
  return <td className={cn("px-3 py-2 align-middle first:pl-4 last:pr-4", className)} {...props} />;
}
