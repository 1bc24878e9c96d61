import type { Metadata } from "next";
import { PageHeader } from "../page-header.tsx";
import { PolicyPanel } from "./policy-panel.tsx";

export const metadata: Metadata = { title: "Policies" };

export default function PoliciesPage() {
  return (
    <>
      <PageHeader
        title="Policies"
        description="What an agent may do with the tools of a server. A grant points at one policy; a change is enforced on the next call."
      />
      <PolicyPanel />
    </>
  );
}
