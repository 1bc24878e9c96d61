import Link from "next/link";
import { Badge } from "@/components/ui/badge.tsx";
import { serverPath } from "../../../../../catalog/address.ts";
import { type Recommendation, recommendationFor } from "../../../../../policy/recommended-rules.ts";
import type { RelatedTool, ToolDetail } from "../../../../api/v1/catalog-schemas.ts";
import { categoryPath, riskPath, severityWords } from "../../_parts/categories.ts";
import { count } from "../../_parts/facts.tsx";
import { Section } from "../../_parts/section.tsx";
import { ToolRows } from "../../_parts/tool-rows.tsx";
import { visible } from "../../_parts/visible.ts";

const kinds: Record<Recommendation, string> = {
  allow: "allow",
  limit: "limit",
  approve: "ask a person",
  hide: "hide",
};

/** Tools that do the same elsewhere, each with what we recommend for it. */
export function Related({ tools }: { tools: readonly RelatedTool[] }) {
  return (
    <Section id="related" title="Related tools and policies">
      {tools.length === 0 ? (
        <p className="text-ink-muted">No tool of another server in the catalog is like this one.</p>
      ) : (
        <div className="overflow-hidden rounded-lg border bg-surface">
          <ToolRows
            tools={tools}
            label="Related tools"
            showServer
            extra={(tool) => <Badge tone="outline">recommended: {kinds[recommendationFor(tool)]}</Badge>}
          />
        </div>
      )}
    </Section>
  );
}

/** Where to read on. */
export function GoDeeper({ tool }: { tool: ToolDetail }) {
  const { server, severity, category } = tool;
  const links: [string, string, string][] = [
    [
      serverPath(server.slug),
      `All tools of ${visible(server.name)}`,
      `${count(server.toolCount, "tool")} with their risk, and one policy for the whole server.`,
    ],
    [
      riskPath(severity),
      `What ${severityWords[severity].toLowerCase()} means`,
      "Which tools have it, and what to do about them.",
    ],
    [categoryPath(category), `${category} tools`, "What they have in common, and the pattern of a policy for them."],
    ["/attacks", "Attack patterns", "How tools are abused, how to notice it, and what a policy can and cannot do."],
    ["/schema/policy-v1.json", "The policy language", "As a JSON Schema, for your editor."],
  ];
  return (
    <Section id="deeper" title="Go deeper">
      <ul className="grid gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-2">
        {links.map(([href, title, about]) => (
          <li key={href} className="bg-surface last:odd:sm:col-span-2">
            <Link href={href} prefetch={false} className="block h-full px-4 py-3 outline-offset-[-2px] hover:bg-raised">
              <span className="block font-medium text-accent [overflow-wrap:anywhere]">{title}</span>
              <span className="block text-pretty text-ink-muted text-sm">{about}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
