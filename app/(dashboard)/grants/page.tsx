import type { Metadata } from "next";
import { PageHeader } from "../page-header.tsx";
import { GrantPanel } from "./grant-panel.tsx";

export const metadata: Metadata = { title: "Grants" };

export default function GrantsPage() {
  return (
    <>
      <PageHeader
        title="Grants"
        description="A grant is a token for one server and the policy its calls are decided by. Give each agent its own."
      />
      <GrantPanel />
    </>
  );
}
