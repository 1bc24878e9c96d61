"use client";
import {
  BookOpen,
  Hand,
  KeyRound,
  Layers,
  LayoutDashboard,
  LogOut,
  Menu,
  ScrollText,
  Server,
  Settings,
  ShieldCheck,
} from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { signOut } from "next-auth/react";
import { type ReactNode, useEffect, useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { useApprovalEvents, usePendingCount } from "@/app/_client/approvals.ts";
import { noticeNewApproval } from "@/app/_client/desktop-notices.ts";
import { useMe } from "@/app/_client/queries.ts";
import { Logo } from "@/components/logo.tsx";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { Dialog, DialogTrigger, SheetContent } from "@/components/ui/dialog.tsx";
import { ThemeToggle } from "@/components/ui/theme-toggle.tsx";
import { BrakeControl } from "./brake/brake-control.tsx";
import { FrozenBanner } from "./brake/frozen-banner.tsx";
import { NoOrganisation } from "./no-organisation.tsx";
import { OrganisationSwitch } from "./organisation-switch.tsx";

const places = [
  { href: "/overview", label: "Overview", Icon: LayoutDashboard },
  { href: "/stack", label: "Your stack", Icon: Layers },
  { href: "/servers", label: "Servers", Icon: Server },
  { href: "/policies", label: "Policies", Icon: ShieldCheck },
  { href: "/grants", label: "Grants", Icon: KeyRound },
  { href: "/approvals", label: "Approvals", Icon: Hand },
  { href: "/calls", label: "Calls", Icon: ScrollText },
  { href: "/harvest", label: "Catalog", Icon: BookOpen },
  { href: "/settings", label: "Settings", Icon: Settings },
] as const;

export function Shell({ children }: { children: ReactNode }) {
  const pathname = usePathname();
  const [menuOpen, setMenuOpen] = useState(false);
  const belongsNowhere = troubleIn(useMe().error).code === "no_organisation";
  useApprovalEvents((id) => void noticeNewApproval(id));
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes whenever the page changes
  useEffect(() => setMenuOpen(false), [pathname]);

  return (
    <div className="min-h-dvh lg:pl-58">
      <a
        href="#main"
        className="-translate-y-20 fixed top-3 left-3 z-50 rounded-md bg-accent px-3 py-2 font-medium text-accent-ink focus:translate-y-0"
      >
        Skip to content
      </a>
      <aside className="fixed inset-y-0 left-0 hidden w-58 flex-col border-r bg-surface lg:flex">
        <Sidebar pathname={pathname} />
      </aside>
      <header className="sticky top-0 z-30 flex h-13 items-center gap-2 border-b bg-surface px-3 lg:hidden">
        <Dialog open={menuOpen} onOpenChange={setMenuOpen}>
          <DialogTrigger asChild>
            <Button variant="ghost" size="icon" aria-label="Menu">
              <Menu aria-hidden="true" />
            </Button>
          </DialogTrigger>
          <SheetContent title="Menu">
            <Sidebar pathname={pathname} />
          </SheetContent>
        </Dialog>
        <Link href="/overview" className="flex rounded">
          <Logo className="text-base" />
        </Link>
        <BrakeControl compact />
      </header>
      <FrozenBanner />
      <main
        id="main"
        tabIndex={-1}
        className="mx-auto w-full max-w-6xl px-4 pt-6 pb-20 outline-none has-data-wide:max-w-[110rem] has-data-wide:pb-6 sm:px-6 lg:px-8"
      >
        {belongsNowhere ? <NoOrganisation /> : children}
      </main>
    </div>
  );
}

function Sidebar({ pathname }: { pathname: string }) {
  const me = useMe().data;
  return (
    <>
      <div className="px-4 pt-4 pb-3">
        <Link href="/overview" className="flex w-fit rounded">
          <Logo />
        </Link>
        <OrganisationSwitch me={me} />
      </div>
      <nav aria-label="Main" className="flex-1 overflow-y-auto px-2.5 py-1">
        <ul className="grid gap-0.5">
          {places.map(({ href, label, Icon }) => {
            const current = pathname === href || pathname.startsWith(`${href}/`);
            return (
              <li key={href}>
                <Link
                  href={href}
                  aria-current={current ? "page" : undefined}
                  className={cn(
                    "flex h-8.5 items-center gap-2.5 rounded-md px-2 font-medium text-ink-muted hover:bg-raised hover:text-ink",
                    current && "bg-accent-soft text-accent hover:bg-accent-soft hover:text-accent",
                  )}
                >
                  <Icon aria-hidden="true" className="size-4" />
                  {label}
                  {href === "/approvals" && <PendingCount />}
                </Link>
              </li>
            );
          })}
        </ul>
      </nav>
      <div className="px-2.5 pb-2.5">
        <BrakeControl />
      </div>
      <div className="border-t px-2.5 py-2.5">
        <p className="truncate px-2 pb-1.5 text-ink-muted text-xs" title={me?.user.email}>
          {me?.user.email ?? "\u00a0"}
        </p>
        <div className="flex items-center justify-between">
          <Button variant="ghost" onClick={() => void signOut({ callbackUrl: "/" })} className="px-2">
            <LogOut aria-hidden="true" />
            Sign out
          </Button>
          <ThemeToggle />
        </div>
      </div>
    </>
  );
}

function PendingCount() {
  const count = usePendingCount();
  if (count === 0) return null;
  return (
    <span className="ml-auto rounded-full bg-hold-soft px-1.5 font-semibold text-2xs text-hold tabular-nums">
      {count > 99 ? "99+" : count}
      <span className="sr-only"> waiting</span>
    </span>
  );
}
