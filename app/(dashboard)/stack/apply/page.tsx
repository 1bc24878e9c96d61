import type { Metadata } from "next";
import { ApplyPanel } from "./apply-panel.tsx";

export const metadata: Metadata = { title: "Apply recommended policies" };

export default function ApplyPage() {
  return <ApplyPanel />;
}
