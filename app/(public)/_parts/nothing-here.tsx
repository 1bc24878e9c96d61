import { SearchX } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { answerNotFound } from "@/app/_server/page-status.ts";
import { Button } from "@/components/ui/button.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";

export const nothingHereMetadata: Metadata = { title: "Not found", robots: { index: false, follow: true } };

/** The page of a name that one of the public lists does not have: a 404 that is read without a script too, and leads to the list. */
export function nothingHere(what: string, list: { label: string; href: string }) {
  answerNotFound();
  return (
    <div className="mx-auto w-full max-w-2xl px-4 pt-8 pb-16 sm:px-6">
      <EmptyState
        heading="h1"
        icon={<SearchX />}
        title={`There is no such ${what}`}
        actions={
          <Button asChild>
            <Link prefetch={false} href={list.href}>
              {list.label}
            </Link>
          </Button>
        }
      >
        Look at the address again, or choose from the list.
      </EmptyState>
    </div>
  );
}
