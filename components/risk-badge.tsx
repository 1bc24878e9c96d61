import { CircleHelp, Eye, Pencil, Play, ReceiptText, Trash2 } from "lucide-react";
import { type RiskCategory, type Severity, severityOf } from "../catalog/risk.ts";
import { Badge, type BadgeTone } from "./ui/badge.tsx";

export const severityTone: Record<Severity, BadgeTone> = {
  low: "ok",
  medium: "warn",
  high: "high",
  critical: "danger",
};

export const severityLabel: Record<Severity, string> = {
  low: "Low",
  medium: "Medium",
  high: "High",
  critical: "Critical",
};

const icons: Record<RiskCategory, typeof Eye> = {
  Read: Eye,
  Write: Pencil,
  Execute: Play,
  Destructive: Trash2,
  Financial: ReceiptText,
  Other: CircleHelp,
};

/** What a tool can do, in words, with an icon and a colour for how bad that can get. */
export function RiskBadge({
  category,
  severity = severityOf[category],
}: {
  category: RiskCategory;
  severity?: Severity;
}) {
  const Icon = icons[category];
  return (
    <Badge tone={severityTone[severity]} title={`${category}: ${severity} risk`}>
      <Icon aria-hidden="true" />
      {category}
      <span className="sr-only">, {severity} risk</span>
    </Badge>
  );
}

const severities: readonly Severity[] = ["critical", "high", "medium", "low"];

/** How many tools there are of each severity, worst first. */
export function SeverityCounts({ counts }: { counts: Partial<Record<Severity, number>> }) {
  const present = severities.filter((severity) => (counts[severity] ?? 0) > 0);
  return (
    <ul className="flex flex-wrap gap-1">
      {present.map((severity) => (
        <li key={severity}>
          <Badge tone={severityTone[severity]} className="tabular-nums">
            {counts[severity]} <span className="font-normal">{severityLabel[severity].toLowerCase()}</span>
          </Badge>
        </li>
      ))}
    </ul>
  );
}
