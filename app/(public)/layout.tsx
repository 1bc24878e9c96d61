import Link from "next/link";
import type { ReactNode } from "react";
import { Logo } from "@/components/logo.tsx";
import { Button } from "@/components/ui/button.tsx";
import { ThemeToggle } from "@/components/ui/theme-toggle.tsx";

export default function PublicLayout({ children }: { children: ReactNode }) {
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
          <Link href="/" className="mr-auto flex rounded">
            <Logo />
          </Link>
          <ThemeToggle />
          <Button asChild variant="ghost">
            <Link href="/signin">Sign in</Link>
          </Button>
          <Button asChild variant="primary" className="hidden sm:inline-flex">
            <Link href="/signup">Create an account</Link>
          </Button>
        </div>
      </header>
      <main id="main" tabIndex={-1} className="flex-1 outline-none">
        {children}
      </main>
      <footer className="border-t">
        <div className="mx-auto flex w-full max-w-6xl flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-6 text-ink-muted text-sm sm:px-6">
          <p>PolicyLayer: rules for the tool calls of AI agents.</p>
          <nav aria-label="Footer" className="flex gap-4">
            <Link href="/signup" className="hover:text-ink hover:underline">
              Create an account
            </Link>
            <Link href="/signin" className="hover:text-ink hover:underline">
              Sign in
            </Link>
          </nav>
        </div>
      </footer>
    </div>
  );
}
