import type { ServerDetail } from "../../../api/v1/catalog-schemas.ts";
import { EvidenceBadge } from "../_parts/badges.tsx";
import { Day, Facts, OutLink } from "../_parts/facts.tsx";
import { pageUrl, shortUrl, sourceLabel, sourceName, sourceUrl } from "../_parts/identity.ts";
import { visible } from "../_parts/visible.ts";

/** What the server is and where that is known from. */
export function ServerFactsCard({ server }: { server: ServerDetail }) {
  const url = sourceUrl(server.source);
  const sourceText = visible(sourceName(server.source));
  const source = url === null ? sourceText : <OutLink href={url}>{sourceText}</OutLink>;
  const isRepository = server.sourceKind === "github";
  const isPackage = server.sourceKind === "npm";
  return (
    <div className="rounded-lg border bg-surface px-4 py-3">
      <Facts
        label="Facts"
        rows={[
          [sourceLabel(server.sourceKind), source],
          ["Package", isPackage ? null : server.packageName && visible(server.packageName)],
          ["Repository", isRepository ? null : linkTo(server.repository)],
          ["Homepage", linkTo(server.homepage)],
          ["Version", server.version && visible(server.version)],
          ["Licence", server.licence && visible(server.licence)],
          ["MCP revision", server.protocolVersion && visible(server.protocolVersion)],
          [server.evidence === "registry" ? "Read" : "Tools listed", <Day key="seen" at={server.seenAt} />],
          ["Here since", <Day key="first" at={server.firstSeenAt} />],
          ["Evidence", <EvidenceBadge key="evidence" evidence={server.evidence} />],
        ]}
      />
    </div>
  );
}

/** A link that leads nowhere is shown as what it says. */
function linkTo(given: string | null) {
  const url = pageUrl(given);
  if (url === null) return given && visible(given);
  return <OutLink href={url}>{visible(shortUrl(url))}</OutLink>;
}
