import type { Metadata } from "next";
import { CallStoryPage } from "./call-story.tsx";

export const metadata: Metadata = { title: "Call" };

export default async function CallPage({ params }: { params: Promise<{ callId: string }> }) {
  const { callId } = await params;
  return <CallStoryPage callId={callId} />;
}
