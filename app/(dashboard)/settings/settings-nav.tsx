"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { useMe } from "@/app/_client/queries.ts";
import { cn } from "@/components/ui/cn.ts";

/** The pages of the settings. `admin`: only admins have anything to see there. */
const places: readonly { href: string; label: string; admin?: true }[] = [
  { href: "/settings", label: "General" },
  { href: "/settings/members", label: "Members" },
  { href: "/settings/security", label: "Your account" },
  { href: "/settings/notifications", label: "Notifications", admin: true },
  { href: "/settings/audit", label: "Audit log", admin: true },
  { href: "/settings/evidence", label: "Evidence", admin: true },
];

export function SettingsNav() {
  const pathname = usePathname();
  const role = useMe().data?.role;
  const nav = useRef<HTMLElement>(null);

  // On a phone the row is wider than the page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the places depend on the role, and which is current on the path
  useEffect(() => {
    const here = nav.current?.querySelector("[aria-current]");
    if (!nav.current || !here) return;
    const [row, place] = [nav.current.getBoundingClientRect(), here.getBoundingClientRect()];
    if (place.right > row.right) nav.current.scrollLeft += place.right - row.right + 16;
  }, [pathname, role]);

  return (
    <nav ref={nav} aria-label="Settings" className="-mx-4 mb-5 overflow-x-auto border-b px-4 sm:mx-0 sm:px-0">
      <ul className="flex gap-1">
        {places
          .filter(({ admin }) => !admin || role === "admin")
          .map(({ href, label }) => {
            const current = pathname === href;
            return (
              <li key={href}>
                <Link
                  href={href}
                  aria-current={current ? "page" : undefined}
                  className={cn(
                    "-mb-px flex h-9 items-center whitespace-nowrap rounded-t border-transparent border-b-2 px-2.5 font-medium text-ink-muted text-sm hover:text-ink focus-visible:outline-offset-[-2px]",
                    current && "border-accent text-ink",
                  )}
                >
                  {label}
                </Link>
              </li>
            );
          })}
      </ul>
    </nav>
  );
}
