import type { Metadata } from "next";
import { ApprovalPage } from "./approval-page.tsx";

export const metadata: Metadata = { title: "Approval" };

export default async function Page({ params }: { params: Promise<{ approvalId: string }> }) {
  return <ApprovalPage id={(await params).approvalId} />;
}
