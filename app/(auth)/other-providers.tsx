"use client";
import { signIn } from "next-auth/react";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { safeCallbackPath } from "./callback-url.ts";

type Provider = { id: string; name: string };

/** Buttons for GitHub and Google, only those that this installation has set up. */
export function OtherProviders({ callbackUrl }: { callbackUrl: string | null }) {
  const [providers, setProviders] = useState<Provider[]>([]);

  useEffect(() => {
    const left = new AbortController();
    fetch("/api/auth/providers", { signal: left.signal })
      .then((response) => response.json() as Promise<Record<string, Provider>>)
      .then((found) => setProviders(Object.values(found).filter((provider) => provider.id !== "credentials")))
      // Without the list the form still works.
      .catch(() => undefined);
    return () => left.abort();
  }, []);

  if (providers.length === 0) return null;
  return (
    <div className="mt-5 grid gap-2">
      <div className="mb-2 flex items-center gap-3 text-ink-muted text-xs">
        <span className="h-px flex-1 bg-line" />
        or
        <span className="h-px flex-1 bg-line" />
      </div>
      {providers.map((provider) => (
        <Button
          key={provider.id}
          size="lg"
          onClick={() =>
            void signIn(provider.id, { callbackUrl: safeCallbackPath(callbackUrl, window.location.origin) })
          }
        >
          Continue with {provider.name}
        </Button>
      ))}
    </div>
  );
}
