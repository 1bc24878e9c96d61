import { Ghost, ShieldCheck } from "lucide-react";
import { Badge } from "@/components/ui/badge.tsx";

export function ModeBadge({ mode }: { mode: "enforce" | "shadow" }) {
  return mode === "enforce" ? (
    <Badge tone="accent" title="Calls that the policy refuses are not made">
      <ShieldCheck aria-hidden="true" />
      Enforced
    </Badge>
  ) : (
    <Badge tone="hold" title="Decides and logs, but every call is forwarded">
      <Ghost aria-hidden="true" />
      Shadow
    </Badge>
  );
}
