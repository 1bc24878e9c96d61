import { SearchX } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { Logo } from "@/components/logo.tsx";
import { Button } from "@/components/ui/button.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <div className="grid justify-items-center">
        <Link href="/" className="rounded">
          <Logo />
        </Link>
        <EmptyState
          heading="h1"
          icon={<SearchX />}
          title="There is nothing at this address"
          actions={
            <Button asChild variant="primary">
              <Link href="/overview">Go to the overview</Link>
            </Button>
          }
        >
          It may have been deleted, or it belongs to another organisation.
        </EmptyState>
      </div>
    </main>
  );
}
