import type { Metadata } from "next";
import { PageHeader } from "../page-header.tsx";
import { CallTabs } from "./call-tabs.tsx";

export const metadata: Metadata = { title: "Calls" };

export default function CallsPage() {
  return (
    <>
      <PageHeader
        title="Calls"
        description="Every decision on record, as it is made. Of arguments only the names are kept, and encrypted what policies ask about."
      />
      <CallTabs />
    </>
  );
}
