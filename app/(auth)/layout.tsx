import Link from "next/link";
import type { ReactNode } from "react";
import { Logo } from "@/components/logo.tsx";
import { ThemeSwitch } from "@/components/ui/theme-switch.tsx";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex items-center justify-between px-5 py-4">
        <Link href="/" className="flex rounded">
          <Logo />
        </Link>
        <ThemeSwitch />
      </header>
      <main className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center px-5 pt-6 pb-24">{children}</main>
    </div>
  );
}
