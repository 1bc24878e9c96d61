import { ArrowDown } from "lucide-react";
import type { Metadata } from "next";
import { openPath, serverPath, toolNameOf, toolPath } from "../../../../../catalog/address.ts";
import { recommendedForCatalogTool } from "../../../../_server/catalog/recommended.ts";
import { relatedTools } from "../../../../_server/catalog/related.ts";
import { findCatalogServer } from "../../../../_server/catalog/servers.ts";
import { catalogTotals } from "../../../../_server/catalog/totals.ts";
import type { ToolDetail } from "../../../../api/v1/catalog-schemas.ts";
import { CallToAction } from "../../../_parts/call-to-action.tsx";
import { pageMetadata } from "../../../_parts/page-metadata.ts";
import { PresenceBadge, SeverityLink } from "../../_parts/badges.tsx";
import { severityWords } from "../../_parts/categories.ts";
import { Crumbs } from "../../_parts/crumbs.tsx";
import { count } from "../../_parts/facts.tsx";
import { fullName } from "../../_parts/identity.ts";
import { PolicyPanel } from "../../_parts/policy-panel.tsx";
import { Questions } from "../../_parts/questions.tsx";
import { plain, Say } from "../../_parts/say.tsx";
import { Section } from "../../_parts/section.tsx";
import { visible } from "../../_parts/visible.ts";
import { missingMetadata, missingPage } from "../../missing.tsx";
import { Control } from "./control.tsx";
import { loadTool } from "./load-tool.ts";
import { GoDeeper, Related } from "./related.tsx";
import { ToolFactsCard } from "./tool-facts.tsx";
import { toolQuestions } from "./tool-questions.ts";
import { oneLine } from "./tool-words.ts";
import { WhatItDoes } from "./what-it-does.tsx";
import { Why } from "./why.tsx";

type Props = { params: Promise<{ server: string; tool: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { server: slug, tool: segment } = await params;
  const tool = await loadTool(slug, segment);
  if (tool === null) return missingMetadata;
  const { name, server, category, severity } = tool;
  const line = oneLine(tool);
  return pageMetadata({
    title: `${visible(name)} of ${visible(fullName(server))}: risk and policy`,
    description: `${"quote" in line ? `“${visible(line.quote)}”` : plain(line.said).replace(/(?<![.!?])$/, ".")} ${severityWords[severity]} (${category}) on ${visible(fullName(server))}: why, with the evidence, and the policy we recommend.`,
    path: toolPath(server.slug, name),
  });
}

/** One tool: what it does, why it needs a policy, and the policy. */
export default async function ToolPage({ params }: Props) {
  const { server: slug, tool: segment } = await params;
  const tool = await loadTool(slug, segment);
  if (tool === null) return missingPage(toolNameOf(segment) ?? "", "tools");
  const [related, server, totals] = await Promise.all([relatedTools(tool), findCatalogServer(slug), catalogTotals()]);
  const policy = recommendedForCatalogTool(tool);
  const { name } = tool;
  const questions = toolQuestions(tool, policy.kind).map(({ policy: shown, ...question }) => ({
    ...question,
    ...(shown === undefined ? {} : { more: <PolicyPanel text={shown.text} label={shown.label} openHref={null} /> }),
  }));
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-6 pb-16 sm:px-6">
      <Crumbs
        trail={[
          { label: "Catalog", path: "/catalog" },
          { label: tool.server.name, path: serverPath(slug) },
          { label: name, path: toolPath(slug, name), mono: true },
        ]}
      />
      <header className="mt-5 border-b pb-7">
        <p className="flex flex-wrap items-center gap-2">
          <SeverityLink severity={tool.severity} />
          <PresenceBadge presence={tool.presence} state={tool.state} />
        </p>
        <h1 className="mt-3 font-mono font-semibold text-2xl tracking-tight [overflow-wrap:anywhere] sm:text-3xl">
          {visible(name)}
        </h1>
        <OneLine tool={tool} />
        <a
          href="#control"
          className="mt-4 inline-flex items-center gap-1.5 rounded font-medium text-accent underline-offset-4 [overflow-wrap:anywhere] hover:underline"
        >
          How to control {visible(name)}
          <ArrowDown aria-hidden="true" className="size-4 shrink-0" />
        </a>
      </header>
      <div className="mt-8 grid gap-x-12 gap-y-10 lg:grid-cols-[minmax(0,1fr)_19rem]">
        <aside aria-label="Facts about the tool" className="lg:order-last">
          <div className="lg:sticky lg:top-20">
            <ToolFactsCard tool={tool} />
          </div>
        </aside>
        <div className="grid min-w-0 gap-12">
          <WhatItDoes tool={tool} />
          <Why tool={tool} />
          <Control tool={tool} policy={policy} />
          <Related tools={related} />
          <GoDeeper tool={tool} />
          <Section id="questions" title={`Questions about ${visible(name)}`}>
            <Questions questions={questions} />
          </Section>
        </div>
      </div>
      <div className="mt-14">
        <CallToAction
          title={`Enforce policy on every ${visible(tool.server.name)} tool call.`}
          href={openPath(slug)}
          label="Start with this server"
        >
          Start from {visible(tool.server.name)}, add the rest of your stack, and see everything your agents can call.
          Then put policy on all of it.
        </CallToAction>
        <p className="mt-4 text-center text-ink-muted text-sm">
          {catalogued(tool.server.name, server?.presences ?? null, tool.server.toolCount)}, across an index of{" "}
          {count(totals.servers, "MCP server")}.
        </p>
      </div>
    </div>
  );
}

function OneLine({ tool }: { tool: ToolDetail }) {
  const line = oneLine(tool);
  return (
    <p data-part="one-line" className="mt-2 max-w-3xl text-pretty text-ink-muted text-lg [overflow-wrap:anywhere]">
      {"quote" in line ? `“${visible(line.quote)}”` : <Say said={line.said} />}
    </p>
  );
}

/** Tools that answer without being listed are counted apart: no list of the server has them. */
function catalogued(name: string, presences: Record<"listed" | "declared" | "unlisted", number> | null, all: number) {
  const unlisted = presences?.unlisted ?? 0;
  const known = presences === null ? all : presences.listed + presences.declared;
  const besides =
    unlisted === 0 ? "" : `, and ${unlisted} that ${unlisted === 1 ? "answers" : "answer"} without being listed`;
  return `${known.toLocaleString("en-US")} ${visible(name)} ${known === 1 ? "tool" : "tools"} catalogued and risk-classified${besides}`;
}
