"use client";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Toaster } from "@/components/ui/toaster.tsx";
import { troubleIn } from "./api.ts";

/** What the dashboard's pages need besides. Public pages do without it, and are quicker for that. */
export function DashboardProviders({ children }: { children: ReactNode }) {
  const [client] = useState(makeClient);
  return (
    <QueryClientProvider client={client}>
      {children}
      <Toaster />
    </QueryClientProvider>
  );
}

function makeClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError(error) {
        // The session has ended while the page was open.
        if (troubleIn(error).status !== 401 || window.location.pathname === "/signin") return;
        window.location.assign(`/signin?callbackUrl=${encodeURIComponent(window.location.pathname)}`);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        // A refusal will be refused again; only a lost connection or a server fault is worth another try.
        retry: (failures, error) => {
          const { status } = troubleIn(error);
          return failures < 2 && (status === 0 || status >= 500);
        },
      },
    },
  });
}
