"use client";
import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";

/** Mostly the database: it cannot be asked just now. */
export default function CatalogError({ reset }: { error: Error; reset: () => void }) {
  return (
    <div className="mx-auto w-full max-w-2xl px-4 pt-10 pb-16 sm:px-6">
      <h1 className="px-4 font-semibold text-2xl tracking-tight">The catalog cannot be read just now</h1>
      <ErrorState
        title="The page could not be made"
        detail="Nothing is lost: try again in a moment. If it goes on, whoever runs this installation finds the reason in its log."
        onRetry={reset}
      />
      <p className="px-4">
        <Button asChild>
          <Link prefetch={false} href="/">
            Home
          </Link>
        </Button>
      </p>
    </div>
  );
}
