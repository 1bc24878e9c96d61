"use client";
import { ErrorState } from "@/components/ui/error-state.tsx";

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="mx-auto w-full max-w-xl py-16">
      <ErrorState
        title="This page broke"
        detail={`Nothing you saved is lost.${error.digest ? ` Reference: ${error.digest}.` : ""}`}
        onRetry={reset}
      />
    </main>
  );
}
