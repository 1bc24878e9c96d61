import { Eye, ShieldCheck, ShieldHalf } from "lucide-react";
import { Badge } from "@/components/ui/badge.tsx";
import type { AttackStanding } from "../../../../catalog/attacks/attack.ts";
import { standingWords } from "./words.ts";

const icons = { stopped: ShieldCheck, contained: ShieldHalf, visible: Eye };

/** What can be done about a pattern, in a word. */
export function StandingBadge({ standing, className }: { standing: AttackStanding; className?: string }) {
  const { label, about, tone } = standingWords[standing];
  const Icon = icons[standing];
  return (
    <Badge tone={tone} title={about} className={className}>
      <Icon aria-hidden="true" />
      {label}
    </Badge>
  );
}
