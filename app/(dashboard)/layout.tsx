import { type ReactNode, Suspense } from "react";
import { DashboardProviders, PageAlive } from "../_client/dashboard-providers.tsx";
import { Shell } from "./shell.tsx";

export default function DashboardLayout({ children }: { children: ReactNode }) {
  return (
    <DashboardProviders>
      <Shell>
        <Suspense>
          {children}
          <PageAlive />
        </Suspense>
      </Shell>
    </DashboardProviders>
  );
}
