import type { Metadata } from "next";
import { attacks, attacksOn } from "../../../../catalog/attacks.ts";
import { type RiskCategory, riskCategories, severityOf } from "../../../../catalog/schema.ts";
import { catalogTotals } from "../../../_server/catalog/totals.ts";
import { CallToAction } from "../../_parts/call-to-action.tsx";
import { nothingHere, nothingHereMetadata } from "../../_parts/nothing-here.tsx";
import { pageMetadata } from "../../_parts/page-metadata.ts";
import { AttackRows } from "../../attacks/_parts/attack-rows.tsx";
import { SeverityLink } from "../../catalog/_parts/badges.tsx";
import { advice, canDo, categoryPath } from "../../catalog/_parts/categories.ts";
import { Crumbs } from "../../catalog/_parts/crumbs.tsx";
import { count } from "../../catalog/_parts/facts.tsx";
import { PolicyPanel } from "../../catalog/_parts/policy-panel.tsx";
import { Section } from "../../catalog/_parts/section.tsx";
import { CategoryLinks } from "../../risk/_parts/class-rows.tsx";
import { ExampleTools } from "../../risk/_parts/example-tools.tsx";
import { categoryPolicy } from "../../risk/_parts/patterns.ts";
import { categoryNamed, meaning, recommendedWords, tellingVerbs } from "../../risk/_parts/words.ts";

type Props = { params: Promise<{ category: string }> };

async function loadCategory({ params }: Props): Promise<RiskCategory | undefined> {
  return categoryNamed((await params).category);
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const category = await loadCategory(props);
  if (category === undefined) return nothingHereMetadata;
  return pageMetadata({
    title: `${category} tools: what they can do, and the policy for them`,
    description: `${meaning[category]} Recommended: ${recommendedWords[category]}. Tools of the catalog, attack patterns and a policy that can be pasted.`,
    path: categoryPath(category),
  });
}

const attacksShownMax = 6;

/** One category: what it means, how it is recognised, which tools have it, and the policy for it. */
export default async function CategoryPage(props: Props) {
  const category = await loadCategory(props);
  if (category === undefined) return nothingHere("category", { label: "All categories", href: "/risk" });
  const totals = await catalogTotals();
  const fitting = attacksOn(category).slice(0, attacksShownMax);
  const verbs = tellingVerbs(category);
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-6 pb-16 sm:px-6">
      <Crumbs
        trail={[
          { label: "Risk", path: "/risk" },
          { label: `${category} tools`, path: categoryPath(category) },
        ]}
      />
      <header className="mt-5 border-b pb-7">
        <SeverityLink severity={severityOf[category]} />
        <h1 className="mt-3 text-balance font-semibold text-2xl tracking-tight sm:text-3xl">{category} tools</h1>
        <p className="mt-2 max-w-3xl text-pretty text-ink-muted text-lg">{meaning[category]}</p>
        <p className="mt-3 text-ink-muted text-sm">
          {count(totals.byCategory[category], "tool")} of {totals.tools.toLocaleString("en-US")} in the catalog.
        </p>
      </header>
      <div className="mt-10 grid gap-12">
        <Section id="meaning" title="What an agent can do with one">
          <p className="max-w-3xl text-pretty">
            It can {canDo[category]}. {advice[category]}
          </p>
        </Section>
        <Section id="signs" title="How it is recognised">
          {verbs.length === 0 ? (
            <p className="max-w-3xl text-pretty">
              By nothing: neither its name nor its description nor its arguments hold a word that the classifier knows.
              What cannot be told from something dangerous is treated as such.
            </p>
          ) : (
            <>
              <p className="max-w-3xl text-pretty">
                By words where a verb stands in the name, the title or the description, and by arguments that decide
                what is done. Some of the words that the classifier knows:
              </p>
              <ul className="mt-3 flex max-w-3xl flex-wrap gap-1.5">
                {verbs.map((verb) => (
                  <li key={verb} className="rounded bg-raised px-1.5 py-0.5 font-mono text-xs">
                    {verb}
                  </li>
                ))}
              </ul>
            </>
          )}
        </Section>
        <Section
          id="policy"
          title="The pattern of a policy"
          about={`${recommendedWords[category]}. By category, so that a tool that is new tomorrow is meant as well. Tools of other categories are denied: take it as a part of yours.`}
        >
          <div className="max-w-3xl">
            <PolicyPanel text={categoryPolicy([category])} openHref={null} label={`A policy for ${category} tools`} />
          </div>
        </Section>
        <Section id="tools" title="Tools of the catalog">
          <ExampleTools of={{ category }} total={totals.byCategory[category]} />
        </Section>
        <Section
          id="attacks"
          title="How such tools are abused"
          about={`${fitting.length} of ${attacks.length} documented patterns, the most fitting first.`}
        >
          <AttackRows attacks={fitting} label="Patterns that fit" />
        </Section>
        <Section id="others" title="The other categories">
          <CategoryLinks categories={riskCategories.filter((other) => other !== category)} />
        </Section>
      </div>
      <div className="mt-14">
        <CallToAction title={`See every ${category} tool that your agents can reach.`}>
          Register your servers, and put this pattern on all of them.
        </CallToAction>
      </div>
    </div>
  );
}
