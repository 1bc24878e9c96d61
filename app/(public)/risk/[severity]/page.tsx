import type { Metadata } from "next";
import { severityTone } from "@/components/risk-badge.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import { attacks, attacksOn } from "../../../../catalog/attacks.ts";
import type { Severity } from "../../../../catalog/schema.ts";
import { catalogTotals } from "../../../_server/catalog/totals.ts";
import { CallToAction } from "../../_parts/call-to-action.tsx";
import { nothingHere, nothingHereMetadata } from "../../_parts/nothing-here.tsx";
import { pageMetadata } from "../../_parts/page-metadata.ts";
import { AttackRows } from "../../attacks/_parts/attack-rows.tsx";
import { Sentences } from "../../attacks/_parts/sentences.tsx";
import { riskPath, severityWords } from "../../catalog/_parts/categories.ts";
import { Crumbs } from "../../catalog/_parts/crumbs.tsx";
import { count } from "../../catalog/_parts/facts.tsx";
import { PolicyPanel } from "../../catalog/_parts/policy-panel.tsx";
import { Section } from "../../catalog/_parts/section.tsx";
import { ClassRows } from "../_parts/class-rows.tsx";
import { ExampleTools } from "../_parts/example-tools.tsx";
import { categoriesOf, categoryPolicy } from "../_parts/patterns.ts";
import { severityAbout, severityNamed } from "../_parts/words.ts";

type Props = { params: Promise<{ severity: string }> };

async function loadSeverity({ params }: Props): Promise<Severity | undefined> {
  return severityNamed((await params).severity);
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const severity = await loadSeverity(props);
  if (severity === undefined) return nothingHereMetadata;
  return pageMetadata({
    title: `${severityWords[severity]}: what it means for an MCP tool`,
    description: `${severityAbout[severity].oneLine} Which tools have it, which attacks use them, and the policy that goes with it.`,
    path: riskPath(severity),
  });
}

const attacksShownMax = 6;

/** One level: what it means, which tools have it, what is done with them, and what to do about it. */
export default async function SeverityPage(props: Props) {
  const severity = await loadSeverity(props);
  if (severity === undefined) return nothingHere("risk level", { label: "All risk levels", href: "/risk" });
  const totals = await catalogTotals();
  const categories = categoriesOf(severity);
  // Those of the first category first, then what the others add.
  const fitting = [...new Set(categories.flatMap(attacksOn))].slice(0, attacksShownMax);
  const words = severityWords[severity];
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-6 pb-16 sm:px-6">
      <Crumbs
        trail={[
          { label: "Risk", path: "/risk" },
          { label: words, path: riskPath(severity) },
        ]}
      />
      <header className="mt-5 border-b pb-7">
        <Badge tone={severityTone[severity]} className="h-6 px-2 text-xs">
          {words}
        </Badge>
        <h1 className="mt-3 text-balance font-semibold text-2xl tracking-tight sm:text-3xl">
          What {words.toLowerCase()} means
        </h1>
        <p className="mt-2 max-w-3xl text-pretty text-ink-muted text-lg">{severityAbout[severity].oneLine}</p>
        <p className="mt-3 text-ink-muted text-sm">
          {count(totals.bySeverity[severity], "tool")} of {totals.tools.toLocaleString("en-US")} in the catalog.
        </p>
      </header>
      <div className="mt-10 grid gap-12">
        <Section id="meaning" title="What it means">
          <Sentences of={severityAbout[severity].sentences} />
        </Section>
        <Section
          id="categories"
          title={categories.length === 1 ? "The category that has it" : "The categories that have it"}
        >
          <ClassRows categories={categories} counts={totals.byCategory} />
        </Section>
        <Section
          id="policy"
          title="The policy that goes with it"
          about={`For every tool of ${words.toLowerCase()} by its category, new ones included. It denies all others: take it as a part of yours.`}
        >
          <div className="max-w-3xl">
            <PolicyPanel
              text={categoryPolicy(categories)}
              openHref={null}
              label={`A policy for tools of ${words.toLowerCase()}`}
            />
          </div>
        </Section>
        <Section id="tools" title="Tools of the catalog">
          <ExampleTools of={{ severity }} total={totals.bySeverity[severity]} />
        </Section>
        <Section
          id="attacks"
          title="How such tools are abused"
          about={`${fitting.length} of ${attacks.length} documented patterns, the most fitting first.`}
        >
          <AttackRows attacks={fitting} label="Patterns that fit" />
        </Section>
      </div>
      <div className="mt-14">
        <CallToAction title={`Find the tools of ${words.toLowerCase()} on your own servers.`}>
          Register a server, and its tools are listed with their class and the policy we recommend.
        </CallToAction>
      </div>
    </div>
  );
}
