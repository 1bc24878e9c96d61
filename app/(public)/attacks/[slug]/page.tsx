import type { Metadata } from "next";
import type { Attack } from "../../../../catalog/attacks/attack.ts";
import { attacks, findAttack } from "../../../../catalog/attacks.ts";
import { CallToAction } from "../../_parts/call-to-action.tsx";
import { JsonLd } from "../../_parts/json-ld.tsx";
import { nothingHere, nothingHereMetadata } from "../../_parts/nothing-here.tsx";
import { absoluteUrl, pageMetadata } from "../../_parts/page-metadata.ts";
import { Crumbs } from "../../catalog/_parts/crumbs.tsx";
import { PolicyPanel } from "../../catalog/_parts/policy-panel.tsx";
import { Section } from "../../catalog/_parts/section.tsx";
import { AttackRows } from "../_parts/attack-rows.tsx";
import { Demonstrations } from "../_parts/demonstrations.tsx";
import { Sentences } from "../_parts/sentences.tsx";
import { SourceList } from "../_parts/source-list.tsx";
import { StandingBadge } from "../_parts/standing-badge.tsx";
import { attackPath, groupWords, standingWords } from "../_parts/words.ts";

type Props = { params: Promise<{ slug: string }> };

async function loadAttack({ params }: Props): Promise<Attack | undefined> {
  return findAttack((await params).slug);
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const attack = await loadAttack(props);
  if (attack === undefined) return nothingHereMetadata;
  const { slug, title, oneLine } = attack;
  return pageMetadata({
    title: `${title}: how it works on MCP, and what to do`,
    description: `${oneLine} Mechanism, detection, the policy that contains it, and what a policy cannot do. With a live demonstration and sources.`,
    path: attackPath(slug),
  });
}

/** One pattern, from how it goes to what cannot be done about it. */
export default async function AttackPage(props: Props) {
  const attack = await loadAttack(props);
  if (attack === undefined) return nothingHere("attack pattern", { label: "All attack patterns", href: "/attacks" });
  const { slug, title, oneLine, standing, group, policy } = attack;
  const others = attacks.filter((other) => other.group === group && other !== attack);
  return (
    <article className="mx-auto w-full max-w-6xl px-4 pt-6 pb-16 sm:px-6">
      <Crumbs
        trail={[
          { label: "Attacks", path: "/attacks" },
          { label: title, path: attackPath(slug) },
        ]}
      />
      <header className="mt-5 border-b pb-7">
        <p className="flex flex-wrap items-center gap-2">
          <StandingBadge standing={standing} className="h-6 px-2 text-xs" />
          <span className="text-ink-muted text-sm">{standingWords[standing].about}</span>
        </p>
        <h1 className="mt-3 text-balance font-semibold text-2xl tracking-tight sm:text-3xl">{title}</h1>
        <p className="mt-2 max-w-3xl text-pretty text-ink-muted text-lg">{oneLine}</p>
      </header>
      <div className="mt-10 grid gap-12">
        <Section id="mechanism" title="How it works on MCP">
          <Sentences of={attack.mechanism} numbered />
        </Section>
        <div className="grid gap-x-12 gap-y-12 lg:grid-cols-2">
          <Section id="preconditions" title="What it rests on">
            <Sentences of={attack.preconditions} />
          </Section>
          <Section id="tools" title="Which tools it needs">
            <Sentences of={attack.needs} />
          </Section>
        </div>
        <Section id="detection" title="How to notice it">
          <Sentences of={attack.detection} />
        </Section>
        <Section id="policy" title={policy === null ? "What a policy does" : "The policy that contains it"}>
          <Sentences of={attack.containment} />
          {policy !== null && (
            <div className="mt-5 max-w-3xl">
              <PolicyPanel text={`${policy}\n`} openHref={null} label={`A policy against: ${title}`} />
              <p className="mt-2 text-pretty text-ink-muted text-sm">
                A pattern for the tools of the demonstration: it can be published as it is, and denies every tool it
                does not name. Put your own tools and values in their place.
              </p>
            </div>
          )}
        </Section>
        <Section id="gateway" title="What the gateway does besides">
          <Sentences of={attack.gateway} />
        </Section>
        <Section id="demonstration" title="See it decided">
          <Demonstrations of={attack.demonstrations} />
        </Section>
        <Section id="limits" title="What this cannot do">
          <Sentences of={attack.limits} />
        </Section>
        <Section id="sources" title="Sources">
          <SourceList sources={attack.sources} />
          <Proof attack={attack} />
        </Section>
        {others.length > 0 && (
          <Section id="others" title={groupWords[group].title} about="Patterns that begin in the same place.">
            <AttackRows attacks={others} label="Related patterns" />
          </Section>
        )}
      </div>
      <div className="mt-14">
        <CallToAction title="Try it on a server of your own.">
          Register it, take the recommended policy, and look at what your agents may call.
        </CallToAction>
      </div>
      <JsonLd
        data={{
          "@type": "TechArticle",
          headline: title,
          description: oneLine,
          url: absoluteUrl(attackPath(slug)),
          isPartOf: absoluteUrl("/attacks"),
          inLanguage: "en",
          publisher: { "@type": "Organization", name: "PolicyLayer", url: absoluteUrl("/") },
          citation: attack.sources.map((source) => ({ "@type": "CreativeWork", name: source.title, url: source.url })),
        }}
      />
    </article>
  );
}

/** The tests that hold the page to what it says. */
function Proof({ attack: { gatewayTest, furtherTests } }: { attack: Attack }) {
  const tests = [gatewayTest ?? [], furtherTests].flat();
  if (tests.length === 0) return null;
  return (
    <details className="mt-5 max-w-3xl text-sm">
      <summary className="w-fit rounded font-medium text-accent hover:underline">
        Tests in our source that hold us to this page ({tests.length})
      </summary>
      <ul className="mt-2 grid gap-1.5 text-ink-muted text-xs">
        {tests.map((test) => {
          const [file, name] = test.split(" › ");
          return (
            <li key={test} className="[overflow-wrap:anywhere]">
              <code className="font-mono text-ink">{file}</code> › {name}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
