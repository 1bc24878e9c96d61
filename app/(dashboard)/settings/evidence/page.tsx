import type { Metadata } from "next";
import { EvidencePanel } from "./evidence-panel.tsx";

export const metadata: Metadata = { title: "Evidence" };

export default function EvidencePage() {
  return <EvidencePanel />;
}
