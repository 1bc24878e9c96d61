import { Ban, Check, CircleSlash, Hand, Hourglass, type LucideIcon, OctagonX, Snowflake } from "lucide-react";
import { Badge, type BadgeTone } from "./ui/badge.tsx";

type Look = { label: string; tone: BadgeTone; Icon: LucideIcon };

const refused = (label: string): Look => ({ label, tone: "danger", Icon: Ban });

/** Every code of the decision log that has its own words. */
export const decisionLooks: Record<string, Look> = {
  allowed: { label: "Allowed", tone: "ok", Icon: Check },
  rate_limited: { label: "Limit reached", tone: "warn", Icon: Hourglass },
  denied: refused("Denied"),
  default_deny: refused("Denied by default"),
  ambiguous_argument: refused("Ambiguous argument"),
  requirement_failed: refused("Requirement failed"),
  hidden: { label: "Hidden", tone: "danger", Icon: CircleSlash },
  no_policy: refused("No policy"),
  frozen: { label: "Frozen", tone: "hold", Icon: Snowflake },
  definition_changed: refused("Definition changed"),
  invalid_increment: refused("Invalid amount"),
  approval_required: { label: "Waiting for approval", tone: "hold", Icon: Hand },
  approval_denied: { label: "Approval denied", tone: "danger", Icon: Hand },
  approval_expired: { label: "Approval expired", tone: "danger", Icon: Hand },
  counter_unavailable: { label: "Counters unavailable", tone: "danger", Icon: OctagonX },
  record_unavailable: { label: "Record unavailable", tone: "danger", Icon: OctagonX },
  approval_unavailable: { label: "Approvals unavailable", tone: "danger", Icon: OctagonX },
  approvals_full: { label: "Too many approvals wait", tone: "danger", Icon: Hand },
  unknown_tool: refused("Unknown tool"),
};

/** A code in words. A code without words of its own is shown as it is, as a refusal. */
export function decisionLook(code: string): Look {
  return decisionLooks[code] ?? { label: code.replaceAll("_", " "), tone: "danger", Icon: OctagonX };
}

export function DecisionBadge({ code, wouldDeny }: { code: string; wouldDeny?: boolean }) {
  const { label, tone, Icon } = decisionLook(code);
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      <Badge tone={tone} title={code}>
        <Icon aria-hidden="true" />
        {label}
      </Badge>
      {wouldDeny && (
        <Badge tone="outline" title="The policy is in shadow mode: it would have refused this call">
          would deny
        </Badge>
      )}
    </span>
  );
}
