"use client";
import { Bell, BellOff } from "lucide-react";
import { useDesktopNotices } from "@/app/_client/desktop-notices.ts";
import { Button } from "@/components/ui/button.tsx";

/** Asks for leave to say on the desktop that a call waits. */
export function NoticesButton() {
  const { state, turnOn, turnOff } = useDesktopNotices();
  if (state === "unsupported") return null;
  if (state === "blocked") {
    return (
      <Button disabled title="Your browser blocks notifications of this page. Allow them in its settings.">
        <BellOff aria-hidden="true" />
        Notifications blocked
      </Button>
    );
  }
  return state === "on" ? (
    <Button onClick={turnOff}>
      <BellOff aria-hidden="true" />
      Stop notifying me
    </Button>
  ) : (
    <Button onClick={() => void turnOn()}>
      <Bell aria-hidden="true" />
      Notify me
    </Button>
  );
}
