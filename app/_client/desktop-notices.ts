"use client";
// Notices of the operating system. Nobody is asked before they press the button that asks.
import { useEffect, useState } from "react";
import type { ApprovalDetail } from "../api/v1/approval-schemas.ts";
import { send } from "./api.ts";

const key = "policylayer:desktop-notices";

export type NoticeState = "unsupported" | "off" | "on" | "blocked";

export function useDesktopNotices(): { state: NoticeState; turnOn(): Promise<void>; turnOff(): void } {
  const [state, setState] = useState<NoticeState>("unsupported");
  useEffect(() => setState(noticeState()), []);
  return {
    state,
    async turnOn() {
      if ((await Notification.requestPermission()) === "granted") localStorage.setItem(key, "on");
      setState(noticeState());
    },
    turnOff() {
      localStorage.removeItem(key);
      setState(noticeState());
    },
  };
}

function noticeState(): NoticeState {
  if (!("Notification" in window) || !window.isSecureContext) return "unsupported";
  if (Notification.permission === "denied") return "blocked";
  return Notification.permission === "granted" && localStorage.getItem(key) === "on" ? "on" : "off";
}

/** Says that a call waits, to those who may decide it and want to hear. Names the tool, never its arguments. */
export async function noticeNewApproval(id: string): Promise<void> {
  if (noticeState() !== "on") return;
  const answer = await send<ApprovalDetail>("GET", `/approvals/${id}`);
  if (!answer.ok || !answer.value.mayDecide || answer.value.status !== "pending") return;
  const { tool, serverName, grantLabel, clientName } = answer.value;
  const notice = new Notification(`${tool} waits for your approval`, {
    body: [serverName, grantLabel, clientName].filter(Boolean).join(" · "),
    tag: id,
  });
  notice.onclick = () => {
    window.focus();
    window.location.assign(`/approvals/${id}`);
    notice.close();
  };
}
