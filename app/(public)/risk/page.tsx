import type { Metadata } from "next";
import Link from "next/link";
import { severityTone } from "@/components/risk-badge.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import { catalogTotals } from "../../_server/catalog/totals.ts";
import { CallToAction } from "../_parts/call-to-action.tsx";
import { JsonLd } from "../_parts/json-ld.tsx";
import { absoluteUrl, pageMetadata } from "../_parts/page-metadata.ts";
import { Classifications } from "../attacks/_parts/classifications.tsx";
import { ByTheSameCode } from "../attacks/_parts/demonstrations.tsx";
import { categoryPath, riskPath, severityWords } from "../catalog/_parts/categories.ts";
import { worstFirst } from "../catalog/_parts/category-bar.tsx";
import { Crumbs } from "../catalog/_parts/crumbs.tsx";
import { count } from "../catalog/_parts/facts.tsx";
import { Section } from "../catalog/_parts/section.tsx";
import { ClassRows } from "./_parts/class-rows.tsx";
import { HowItIsDecided } from "./_parts/how-it-is-decided.tsx";
import { meaning, severityAbout, worstSeverityFirst } from "./_parts/words.ts";

const title = "Risk levels of MCP tools";
const about =
  "Six categories and four levels say what a tool can do to the world. What each means, how a tool gets its class, which rule we recommend, and how to contradict it.";

export function generateMetadata(): Metadata {
  return pageMetadata({ title, description: about, path: "/risk" });
}

const examples = [
  {
    about: "A name, a sentence and an argument that agree",
    definition: {
      name: "list_branches",
      description: "List the branches of a repository",
      inputSchema: { type: "object", properties: { repository: { type: "string" } } },
    },
  },
  {
    about: "An argument that can delete",
    definition: {
      name: "manage_record",
      description: "Manage a record",
      inputSchema: { type: "object", properties: { action: { enum: ["get", "update", "delete"] } } },
    },
  },
  { about: "Nothing to go on", definition: { name: "frobnicate" } },
];

/** What the levels and categories mean, and how a tool comes by one. */
export default async function RiskPage() {
  const { byCategory, bySeverity, tools, servers } = await catalogTotals();
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-6 pb-16 sm:px-6">
      <Crumbs trail={[{ label: "Risk", path: "/risk" }]} />
      <header className="mt-5 border-b pb-7">
        <h1 className="text-balance font-semibold text-2xl tracking-tight sm:text-3xl">{title}</h1>
        <p className="mt-2 max-w-3xl text-pretty text-ink-muted text-lg">{about}</p>
        <ul className="mt-6 grid gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-2 lg:grid-cols-4">
          {worstSeverityFirst.map((severity) => (
            <li key={severity} className="bg-surface">
              <Link
                href={riskPath(severity)}
                prefetch={false}
                className="block h-full px-4 py-3 outline-offset-[-2px] hover:bg-raised"
              >
                <Badge tone={severityTone[severity]}>{severityWords[severity]}</Badge>
                <span className="mt-2 block font-semibold text-xl tabular-nums">
                  {bySeverity[severity].toLocaleString("en-US")}
                </span>
                <span className="block text-pretty text-ink-muted text-sm">{severityAbout[severity].oneLine}</span>
              </Link>
            </li>
          ))}
        </ul>
        <p className="mt-3 text-ink-muted text-sm">
          Counted among {count(tools, "tool")} of {count(servers, "server")} in the catalog.
        </p>
      </header>
      <div className="mt-10 grid gap-12">
        <Section id="classes" title="The categories" about="Worst first. The severity follows from the category.">
          <ClassRows categories={worstFirst} counts={byCategory} />
        </Section>
        <HowItIsDecided />
        <Section
          id="try"
          title="Try it"
          about={
            <>
              <ByTheSameCode did="Classified" as="fills the catalog" />
              <span className="noscript:hidden"> Change a definition and see.</span>
            </>
          }
        >
          <Classifications tools={examples} />
        </Section>
      </div>
      <div className="mt-14">
        <CallToAction title="See what your agents can call.">
          Register your servers: every tool with its class, the riskiest first, and the policy that goes with it.
        </CallToAction>
      </div>
      <JsonLd
        data={{
          "@type": "DefinedTermSet",
          name: title,
          url: absoluteUrl("/risk"),
          hasDefinedTerm: worstFirst.map((category) => ({
            "@type": "DefinedTerm",
            name: category,
            description: meaning[category],
            url: absoluteUrl(categoryPath(category)),
          })),
        }}
      />
    </div>
  );
}
