import { headers } from "next/headers";
import Link from "next/link";
import type { ReactNode } from "react";
import { readSession } from "@/app/_server/session.ts";
import { Logo } from "@/components/logo.tsx";
import { Button } from "@/components/ui/button.tsx";
import { ThemeSwitch } from "@/components/ui/theme-switch.tsx";
import { Alive } from "./_parts/alive.tsx";
import { HeaderPlaces } from "./_parts/header-places.tsx";
import { PhoneMenu, type Place } from "./_parts/phone-menu.tsx";
import { ContactFoot } from "./contact/contact-foot.tsx";

const places: readonly Place[] = [
  { href: "/catalog", label: "Catalog" },
  { href: "/attacks", label: "Attacks" },
  { href: "/risk", label: "Risk" },
  { href: "/contact", label: "Contact" },
];

/** Every page under here is made when it is asked for: a build has no catalog, and does not know under which address it will be. */
export const dynamic = "force-dynamic";

export default async function PublicLayout({ children }: { children: ReactNode }) {
  const isSignedIn = (await readSession(await headers())) !== null;
  const own: readonly Place[] = isSignedIn
    ? [{ href: "/overview", label: "Dashboard" }]
    : [
        { href: "/signup", label: "Create an account" },
        { href: "/signin", label: "Sign in" },
      ];
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="-translate-y-20 fixed top-3 left-3 z-50 rounded-md bg-accent px-3 py-2 font-medium text-accent-ink focus:translate-y-0"
      >
        Skip to content
      </a>
      <header className="sticky top-0 z-30 border-b bg-canvas/90 backdrop-blur">
        <div className="mx-auto flex h-14 w-full max-w-6xl items-center gap-1.5 px-4 sm:gap-2 sm:px-6">
          <Link prefetch={false} href="/" className="mr-auto flex rounded md:mr-4">
            <Logo />
          </Link>
          <nav aria-label="Main" className="mr-auto hidden md:block">
            <HeaderPlaces places={places} />
          </nav>
          <ThemeSwitch />
          {isSignedIn ? (
            <Button asChild variant="primary">
              <Link href="/overview" prefetch={false}>
                Dashboard
              </Link>
            </Button>
          ) : (
            <>
              <Button asChild variant="ghost">
                <Link prefetch={false} href="/signin">
                  Sign in
                </Link>
              </Button>
              <Button asChild variant="primary" className="hidden sm:inline-flex">
                <Link prefetch={false} href="/signup">
                  Create an account
                </Link>
              </Button>
            </>
          )}
          <PhoneMenu places={isSignedIn ? places : [...places, { href: "/signup", label: "Create an account" }]} />
        </div>
      </header>
      <main id="main" tabIndex={-1} className="flex-1 outline-none">
        {children}
      </main>
      <ContactFoot />
      <footer className="border-t">
        <div className="mx-auto flex w-full max-w-6xl flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-6 text-ink-muted text-sm sm:px-6">
          <p>PolicyLayer: rules for the tool calls of AI agents.</p>
          <nav aria-label="Footer">
            <ul className="flex flex-wrap gap-x-4 gap-y-1">
              {[...places, ...own].map(({ href, label }) => (
                <li key={href}>
                  <Link href={href} prefetch={false} className="inline-block py-1 hover:text-ink hover:underline">
                    {label}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
        </div>
      </footer>
      <Alive />
    </div>
  );
}
