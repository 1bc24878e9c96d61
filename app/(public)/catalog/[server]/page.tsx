import type { Metadata } from "next";
import Link from "next/link";
import { openPath, serverPath } from "../../../../catalog/address.ts";
import { catalogEvents } from "../../../_server/catalog/events.ts";
import { recommendedForCatalogServer } from "../../../_server/catalog/recommended.ts";
import { relatedServers } from "../../../_server/catalog/related.ts";
import { toolsOfCatalogServer } from "../../../_server/catalog/servers.ts";
import { catalogTotals } from "../../../_server/catalog/totals.ts";
import { cut } from "../../../_server/site/cut.ts";
import type { ServerDetail } from "../../../api/v1/catalog-schemas.ts";
import { CallToAction } from "../../_parts/call-to-action.tsx";
import { JsonLd } from "../../_parts/json-ld.tsx";
import { absoluteUrl, pageMetadata } from "../../_parts/page-metadata.ts";
import { EvidenceBadge, SeverityLink } from "../_parts/badges.tsx";
import { severityWords } from "../_parts/categories.ts";
import { Crumbs } from "../_parts/crumbs.tsx";
import { count } from "../_parts/facts.tsx";
import { fullName, pageUrl, sourceUrl } from "../_parts/identity.ts";
import { PolicyPanel } from "../_parts/policy-panel.tsx";
import { Questions } from "../_parts/questions.tsx";
import { Section } from "../_parts/section.tsx";
import { ServerRows } from "../_parts/server-rows.tsx";
import { ToolRows } from "../_parts/tool-rows.tsx";
import { visible, visibleLines } from "../_parts/visible.ts";
import { changesPath } from "../changes/changes-asked.ts";
import { missingMetadata, missingPage } from "../missing.tsx";
import { Changes } from "./changes.tsx";
import { loadServer } from "./load-server.ts";
import { ServerFactsCard } from "./server-facts.tsx";
import { serverQuestions } from "./server-questions.ts";
import { NotListedYet, StartIt } from "./start-it.tsx";
import { Tools } from "./tools.tsx";
import { readToolsAsked } from "./tools-asked.ts";
import { Totals } from "./totals.tsx";

type Props = {
  params: Promise<{ server: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

const changesShownMax = 10;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const server = await loadServer((await params).server);
  if (server === null) return missingMetadata;
  const name = visible(fullName(server));
  const worst = server.severity === null ? "" : ` Up to ${severityWords[server.severity].toLowerCase()}.`;
  return pageMetadata({
    title: `${name}: what agents can do with it, and a policy`,
    description:
      server.toolCount === 0
        ? `What is known of ${name}, an MCP server that a registry names, and how to list its tools.`
        : `${count(server.toolCount, "tool")} of ${name}, each with its risk and the evidence for it.${worst} The policy we recommend for the whole server, ready to paste.`,
    path: serverPath(server.slug),
  });
}

/** One server: what it is, what its tools can do, and the policy for all of them. */
export default async function ServerPage({ params, searchParams }: Props) {
  const { server: slug } = await params;
  const asked = readToolsAsked(await searchParams);
  const server = await loadServer(slug);
  if (server === null) return missingPage(slug.replaceAll("-", " "), "servers");
  const [policy, tools, related, events, totals] = await Promise.all([
    recommendedForCatalogServer(slug),
    toolsOfCatalogServer(slug, { ...asked, q: asked.q === "" ? undefined : asked.q }),
    relatedServers(slug),
    catalogEvents({ slug, limit: changesShownMax }),
    catalogTotals(),
  ]);
  // A name may be a paragraph; the headings only need to be about it.
  const name = cut(visible(server.name), 80);
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-6 pb-16 sm:px-6">
      <Crumbs
        trail={[
          { label: "Catalog", path: "/catalog" },
          { label: server.name, path: serverPath(slug) },
        ]}
      />
      <SoftwareData server={server} />
      <header className="mt-5 border-b pb-7">
        <p className="flex flex-wrap items-center gap-2">
          {server.severity !== null && <SeverityLink severity={server.severity} />}
          <EvidenceBadge evidence={server.evidence} />
        </p>
        <h1 className="mt-3 font-semibold text-2xl tracking-tight [overflow-wrap:anywhere] sm:text-3xl">
          {cut(visible(server.name), 300)}
        </h1>
        {server.description !== null && (
          <p className="mt-2 line-clamp-3 max-w-3xl text-pretty text-ink-muted text-lg [overflow-wrap:anywhere]">
            “{visibleLines(server.description)}”
          </p>
        )}
        <p className="mt-3 text-ink-muted">
          {server.toolCount === 0
            ? "No tools of this server are in the catalog."
            : `${count(server.toolCount, "tool")} in the catalog, each classified by what it can do.`}
        </p>
      </header>
      <div className="mt-8 grid gap-x-12 gap-y-10 lg:grid-cols-[minmax(0,1fr)_19rem]">
        <aside aria-label="Facts about the server" className="lg:order-last">
          <div className="lg:sticky lg:top-20">
            <ServerFactsCard server={server} />
          </div>
        </aside>
        <div className="grid min-w-0 gap-12">
          {server.toolCount === 0 ? (
            <NotListedYet server={server} />
          ) : (
            <>
              <Section id="totals" title="What its tools can do">
                <Totals server={server} />
              </Section>
              {server.dangerous.length > 0 && (
                <Section id="dangerous" title="The most dangerous tools">
                  <div className="overflow-hidden rounded-lg border bg-surface">
                    <ToolRows tools={server.dangerous} label="The most dangerous tools" />
                  </div>
                </Section>
              )}
            </>
          )}
          {policy !== null && (
            <Section
              id="policy"
              title={`A policy for ${name}`}
              about="Each tool by name: reading is free, writing and running are limited, money and the unknown ask a person, destruction is hidden. Whatever the policy does not name is denied, new tools too."
            >
              <PolicyPanel text={policy.text} openHref={openPath(slug)} label={`Recommended policy for ${name}`} />
            </Section>
          )}
          {server.toolCount > 0 && <Tools server={server} asked={asked} page={tools} />}
          <StartIt server={server} />
          <Section id="related" title="Related servers">
            {related.length === 0 ? (
              <p className="text-ink-muted">No other server in the catalog has tools like these.</p>
            ) : (
              <div className="overflow-hidden rounded-lg border bg-surface">
                <ServerRows servers={related} label="Related servers" />
              </div>
            )}
          </Section>
          {events.items.length > 0 && (
            <Section id="changes" title="Recent changes" about="What was different when its tools were listed again.">
              <Changes slug={slug} events={events.items} />
              <p className="mt-3 text-sm">
                <Link
                  href={changesPath({ server: slug })}
                  prefetch={false}
                  className="text-accent underline-offset-4 hover:underline"
                >
                  All changes, with what is different
                </Link>
              </p>
            </Section>
          )}
          {server.toolCount > 0 && (
            <Section id="questions" title={`Questions about ${name}`}>
              <Questions questions={serverQuestions(server)} />
            </Section>
          )}
        </div>
      </div>
      <div className="mt-14">
        <CallToAction
          title={`Enforce policy on every ${name} tool call.`}
          href={openPath(slug)}
          label="Start with this server"
        >
          One of {count(totals.servers, "server")} and {count(totals.tools, "tool")} in the catalog. Add the rest of
          your stack, and see everything your agents can call.
        </CallToAction>
      </div>
    </div>
  );
}

function SoftwareData({ server }: { server: ServerDetail }) {
  return (
    <JsonLd
      data={{
        "@type": "SoftwareApplication",
        name: visible(server.name),
        applicationCategory: "DeveloperApplication",
        url: absoluteUrl(serverPath(server.slug)),
        sameAs: [...new Set([sourceUrl(server.source), pageUrl(server.repository)])].filter((url) => url !== null),
        softwareVersion: server.version === null ? undefined : visible(server.version),
        license: server.licence === null ? undefined : visible(server.licence),
      }}
    />
  );
}
