import { Ban, Check, CheckCheck, CircleSlash, Hand, Hourglass, type LucideIcon } from "lucide-react";
import { Badge, type BadgeTone } from "../ui/badge.tsx";

export type ApprovalStatus = "pending" | "approved" | "denied" | "expired" | "used" | "cancelled";

const looks: Record<ApprovalStatus, { label: string; tone: BadgeTone; Icon: LucideIcon; title: string }> = {
  pending: { label: "Waiting", tone: "hold", Icon: Hand, title: "It waits for a person" },
  approved: { label: "Approved", tone: "ok", Icon: Check, title: "Approved, and not made yet" },
  used: { label: "Approved and made", tone: "ok", Icon: CheckCheck, title: "Approved, and the call was made" },
  denied: { label: "Denied", tone: "danger", Icon: Ban, title: "A person denied it" },
  expired: {
    label: "Expired",
    tone: "warn",
    Icon: Hourglass,
    title: "Nobody decided, or nobody made the call, in time",
  },
  cancelled: {
    label: "Cancelled",
    tone: "neutral",
    Icon: CircleSlash,
    title: "What it was asked for is not there any more",
  },
};

export function ApprovalStatusBadge({ status }: { status: ApprovalStatus }) {
  const { label, tone, Icon, title } = looks[status];
  return (
    <Badge tone={tone} title={title}>
      <Icon aria-hidden="true" />
      {label}
    </Badge>
  );
}
