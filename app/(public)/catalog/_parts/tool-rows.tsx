import Link from "next/link";
import type { ReactNode } from "react";
import { RiskBadge } from "@/components/risk-badge.tsx";
import { cn } from "@/components/ui/cn.ts";
import { toolPath } from "../../../../catalog/address.ts";
import type { ToolCard } from "../../../api/v1/catalog-schemas.ts";
import { PresenceBadge } from "./badges.tsx";
import { Marked } from "./marked.tsx";
import { plain, sayTicked } from "./say.tsx";
import { firstSentence, visible } from "./visible.ts";

type Tool = ToolCard & { why?: string };

/** Tools as a list of links. */
export function ToolRows({
  tools,
  label,
  query = "",
  showServer,
  extra,
}: {
  tools: readonly Tool[];
  /** Says what the list holds. */
  label: string;
  /** Words to mark where they are found. */
  query?: string;
  showServer?: boolean;
  /** What a row says besides. */
  extra?: (tool: Tool) => ReactNode;
}) {
  return (
    <ul aria-label={label} className="divide-y">
      {tools.map((tool) => (
        <li key={`${tool.server.slug} ${tool.name}`}>
          <Link
            href={toolPath(tool.server.slug, tool.name)}
            prefetch={false}
            data-result
            className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 outline-offset-[-2px] hover:bg-raised"
          >
            <span className="min-w-0 flex-1 basis-64">
              <span className="block font-medium font-mono text-[0.8125rem] [overflow-wrap:anywhere]">
                <Marked text={visible(tool.name)} query={query} />
              </span>
              <span className={cn("block truncate text-ink-muted text-sm", tool.why && "whitespace-normal")}>
                {showServer && <span className="text-ink">{visible(tool.server.name)}</span>}
                {showServer && lineOf(tool) !== "" && " · "}
                <Marked text={lineOf(tool)} query={query} />
              </span>
            </span>
            <span className="flex shrink-0 flex-wrap gap-1">
              {extra?.(tool)}
              <PresenceBadge presence={tool.presence} state={tool.state} />
              <RiskBadge category={tool.category} severity={tool.severity} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What is said of it in a list: why it is there, our line, or the beginning of the server's. */
function lineOf({ why, summary, description }: Tool): string {
  if (why !== undefined) return visible(why);
  if (summary !== null) return plain(sayTicked(summary));
  return description === null ? "" : `“${visible(firstSentence(description))}”`;
}
