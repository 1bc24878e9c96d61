import { ArrowRight, EyeOff, FileCode, Undo2 } from "lucide-react";
import Link from "next/link";
import { severityTone } from "@/components/risk-badge.tsx";
import { Badge, type BadgeTone } from "@/components/ui/badge.tsx";
import type { Severity } from "../../../../catalog/schema.ts";
import type { Evidence } from "../../../api/v1/catalog-schemas.ts";
import { riskPath, severityWords } from "./categories.ts";

/** How bad it can get, and the way to what that means. */
export function SeverityLink({ severity }: { severity: Severity }) {
  return (
    <Link
      prefetch={false}
      href={riskPath(severity)}
      className="inline-flex rounded"
      aria-label={`${severityWords[severity]}: what that means`}
    >
      <Badge tone={severityTone[severity]} className="h-6 px-2 text-xs">
        {severityWords[severity]}
        <ArrowRight aria-hidden="true" />
      </Badge>
    </Link>
  );
}

export const presenceWords = {
  listed: { label: "Listed", about: "The server names it in its list of tools." },
  declared: {
    label: "Declared only",
    about: "It stands in the server's source, and was not in its list when the server was started.",
  },
  unlisted: { label: "Unlisted", about: "The server answers calls of it, though its list does not name it." },
  gone: { label: "Gone", about: "It was in an earlier list of the server and is not in the newest." },
} as const;

const presenceIcons = { declared: FileCode, unlisted: EyeOff, gone: Undo2 };

/** Nothing for a tool that is where one expects it: in the list. */
export function PresenceBadge({ presence, state }: { presence: "listed" | "declared" | "unlisted"; state: string }) {
  const shown = state === "gone" ? "gone" : presence;
  if (shown === "listed") return null;
  const Icon = presenceIcons[shown];
  const { label, about } = presenceWords[shown];
  return (
    <Badge tone={shown === "unlisted" ? "warn" : "outline"} title={about}>
      <Icon aria-hidden="true" />
      {label}
    </Badge>
  );
}

export const evidenceWords: Record<Evidence, { label: string; about: string; tone: BadgeTone }> = {
  harvest: {
    label: "Harvested here",
    about: "This installation started the server, without a network, and listed its tools.",
    tone: "accent",
  },
  snapshot: {
    label: "Shipped facts",
    about: "Names, arguments, hints and classification came with PolicyLayer; the server's own sentences did not.",
    tone: "neutral",
  },
  registry: {
    label: "Registry entry only",
    about: "A registry names the server. Nobody has listed its tools here yet.",
    tone: "outline",
  },
};

export function EvidenceBadge({ evidence }: { evidence: Evidence }) {
  const { label, about, tone } = evidenceWords[evidence];
  return (
    <Badge tone={tone} title={about}>
      {label}
    </Badge>
  );
}
