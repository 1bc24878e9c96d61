import type { Metadata } from "next";
import { ServerList } from "./server-list.tsx";

export const metadata: Metadata = { title: "Servers" };

export default function ServersPage() {
  return <ServerList />;
}
