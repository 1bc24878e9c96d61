import { type ReactNode, Suspense } from "react";
import { Shell } from "./shell.tsx";

export default function DashboardLayout({ children }: { children: ReactNode }) {
  return (
    <Shell>
      <Suspense>{children}</Suspense>
    </Shell>
  );
}
