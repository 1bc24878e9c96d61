import { type ReactNode, Suspense } from "react";
import { SettingsNav } from "./settings-nav.tsx";

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <SettingsNav />
      <Suspense>{children}</Suspense>
    </>
  );
}
