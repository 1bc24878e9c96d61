import type { Metadata } from "next";
import { SecurityPanel } from "./security-panel.tsx";

export const metadata: Metadata = { title: "Your account" };

export default function Page() {
  return <SecurityPanel />;
}
