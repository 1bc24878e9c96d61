import Link from "next/link";
import { RiskBadge } from "@/components/risk-badge.tsx";
import { serverPath } from "../../../../../catalog/address.ts";
import type { ToolDetail } from "../../../../api/v1/catalog-schemas.ts";
import { EvidenceBadge, presenceWords } from "../../_parts/badges.tsx";
import { categoryPath } from "../../_parts/categories.ts";
import { Day, Facts, OutLink } from "../../_parts/facts.tsx";
import { sourceLabel, sourceName, sourceUrl } from "../../_parts/identity.ts";
import { visible } from "../../_parts/visible.ts";

/** What is known of the tool, beside the text. */
export function ToolFactsCard({ tool }: { tool: ToolDetail }) {
  const { server, category, severity, presence, state, annotations, definitionHash } = tool;
  const where = presenceWords[state === "gone" ? "gone" : presence];
  const url = sourceUrl(server.source);
  const sourceText = visible(sourceName(server.source));
  const source = url === null ? sourceText : <OutLink href={url}>{sourceText}</OutLink>;
  return (
    <div className="rounded-lg border bg-surface px-4 py-3">
      <Facts
        label="Facts"
        rows={[
          [
            "Category",
            <Link prefetch={false} key="category" href={categoryPath(category)} className="inline-flex rounded">
              <RiskBadge category={category} severity={severity} />
            </Link>,
          ],
          [
            "Server",
            <Link
              prefetch={false}
              key="server"
              href={serverPath(server.slug)}
              className="text-accent underline-offset-4 hover:underline"
            >
              {visible(server.name)}
            </Link>,
          ],
          [sourceLabel(server.sourceKind), source],
          ["Version", server.version && visible(server.version)],
          ["Seen", <Day key="seen" at={server.seenAt} />],
          [
            "In its list",
            <span key="presence" title={where.about}>
              {where.label}
            </span>,
          ],
          ["Hints of its own", annotations === null ? null : hintWords(annotations)],
          ["Evidence", <EvidenceBadge key="evidence" evidence={server.evidence} />],
          [
            "Definition",
            definitionHash && (
              <code className="font-mono text-xs" title={`SHA-256 ${definitionHash}`}>
                {definitionHash.slice(0, 12)}
              </code>
            ),
          ],
        ]}
      />
    </div>
  );
}

function hintWords(annotations: NonNullable<ToolDetail["annotations"]>) {
  const hints = Object.entries(annotations).filter(([, value]) => typeof value === "boolean");
  if (hints.length === 0) return null;
  return (
    <span title="A hint may raise the risk, never lower it." className="grid font-mono text-xs">
      {hints.map(([name, value]) => (
        <span key={name}>
          {name}: {String(value)}
        </span>
      ))}
    </span>
  );
}
