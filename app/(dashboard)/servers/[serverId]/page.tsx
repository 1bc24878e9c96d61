import { ServerDetail } from "./server-detail.tsx";

export default async function ServerPage({ params }: { params: Promise<{ serverId: string }> }) {
  const { serverId } = await params;
  return <ServerDetail serverId={serverId} />;
}
