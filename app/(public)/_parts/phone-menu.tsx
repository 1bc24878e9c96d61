"use client";
import { Menu } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type KeyboardEvent, useRef } from "react";
import { buttonStyle } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";

export type Place = { href: string; label: string };

/** The places of the header where there is no room for them. An element of HTML, so it opens without JavaScript too. */
export function PhoneMenu({ places }: { places: readonly Place[] }) {
  const pathname = usePathname();
  const menu = useRef<HTMLDetailsElement>(null);

  function close(event: KeyboardEvent) {
    if (event.key !== "Escape" || !menu.current?.open) return;
    menu.current.open = false;
    menu.current.querySelector("summary")?.focus();
  }

  return (
    // Another page begins with the menu closed.
    <details key={pathname} ref={menu} className="group md:hidden" onKeyDown={close}>
      <summary
        aria-label="Menu"
        className={cn(
          buttonStyle({ variant: "ghost", size: "icon" }),
          "list-none group-open:bg-raised [&::-webkit-details-marker]:hidden",
        )}
      >
        <Menu aria-hidden="true" />
      </summary>
      <nav aria-label="Menu" className="absolute inset-x-0 top-full border-b bg-canvas px-4 py-2 shadow-pop">
        <ul className="grid">
          {places.map(({ href, label }) => (
            <li key={href}>
              <Link prefetch={false} href={href} className="block rounded-md px-2 py-2.5 font-medium hover:bg-raised">
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
    </details>
  );
}
