import type { Metadata } from "next";
import { Inbox } from "./inbox.tsx";

export const metadata: Metadata = { title: "Approvals" };

export default function ApprovalsPage() {
  return <Inbox />;
}
