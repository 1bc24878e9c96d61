"use client";
import { SearchX } from "lucide-react";
import Link from "next/link";
import type { Trouble } from "@/app/_client/api.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";

/** A page whose subject could not be loaded, or is not there. */
export function MissingPage({
  what,
  trouble,
  back,
  onRetry,
}: {
  what: string;
  trouble: Trouble;
  back: { href: string; label: string };
  onRetry: () => void;
}) {
  if (trouble.status !== 404 && trouble.status !== 422 && trouble.status !== 400) {
    return <ErrorState title={`The ${what} could not be loaded`} detail={trouble.detail} onRetry={onRetry} />;
  }
  return (
    <Card>
      <EmptyState
        heading="h1"
        icon={<SearchX />}
        title={`There is no such ${what}`}
        actions={
          <Button asChild>
            <Link href={back.href}>{back.label}</Link>
          </Button>
        }
      >
        It may have been deleted.
      </EmptyState>
    </Card>
  );
}
