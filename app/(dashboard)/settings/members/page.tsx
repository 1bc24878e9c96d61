import type { Metadata } from "next";
import { MemberPanel } from "./member-panel.tsx";

export const metadata: Metadata = { title: "Members" };

export default function Page() {
  return <MemberPanel />;
}
