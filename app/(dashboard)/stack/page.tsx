import type { Metadata } from "next";
import { StackPanel } from "./stack-panel.tsx";

export const metadata: Metadata = { title: "Your stack" };

export default function StackPage() {
  return <StackPanel />;
}
