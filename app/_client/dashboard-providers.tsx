"use client";
import { IsRestoringProvider, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { Toaster } from "@/components/ui/toaster.tsx";
import { troubleIn } from "./api.ts";

const PageIsAlive = createContext<() => void>(() => {});

/**
 * What the dashboard's pages need besides. Public pages do without it, and are quicker for that.
 *
 * The shell comes alive before the page in it. What the shell asks for waits until the page has too: an answer in between would
 * have the page begin with other words than the server sent.
 */
export function DashboardProviders({ children }: { children: ReactNode }) {
  const [client] = useState(makeClient);
  const [isAlive, setAlive] = useState(false);
  const [cameAlive] = useState(() => () => setAlive(true));
  return (
    <QueryClientProvider client={client}>
      <PageIsAlive value={cameAlive}>
        <IsRestoringProvider value={!isAlive}>{children}</IsRestoringProvider>
      </PageIsAlive>
      <Toaster />
    </QueryClientProvider>
  );
}

/** Stands beside the page, inside its boundary, and says when that has come alive. */
export function PageAlive() {
  const cameAlive = useContext(PageIsAlive);
  useEffect(cameAlive, [cameAlive]);
  return null;
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
