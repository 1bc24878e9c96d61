import { PolicyDetail } from "./policy-detail.tsx";

export default async function PolicyPage({ params }: { params: Promise<{ policyId: string }> }) {
  const { policyId } = await params;
  return <PolicyDetail policyId={policyId} />;
}
