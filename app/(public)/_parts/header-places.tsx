"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/components/ui/cn.ts";
import type { Place } from "./phone-menu.tsx";

/** The places of the header, with the one that the page belongs to marked. */
export function HeaderPlaces({ places }: { places: readonly Place[] }) {
  const pathname = usePathname();
  return (
    <ul className="flex gap-0.5">
      {places.map(({ href, label }) => {
        const isHere = pathname === href || pathname.startsWith(`${href}/`);
        return (
          <li key={href}>
            <Link
              prefetch={false}
              href={href}
              aria-current={pathname === href ? "page" : isHere ? "true" : undefined}
              className={cn(
                "block rounded-md px-2.5 py-1.5 font-medium hover:bg-raised hover:text-ink",
                isHere ? "text-ink" : "text-ink-muted",
              )}
            >
              {label}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
