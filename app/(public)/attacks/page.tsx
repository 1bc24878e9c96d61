import type { Metadata } from "next";
import { type Attack, attackGroups } from "../../../catalog/attacks/attack.ts";
import { attacks } from "../../../catalog/attacks.ts";
import { CallToAction } from "../_parts/call-to-action.tsx";
import { JsonLd } from "../_parts/json-ld.tsx";
import { absoluteUrl, pageMetadata } from "../_parts/page-metadata.ts";
import { Crumbs } from "../catalog/_parts/crumbs.tsx";
import { Section } from "../catalog/_parts/section.tsx";
import { AttackRows } from "./_parts/attack-rows.tsx";
import { StandingBadge } from "./_parts/standing-badge.tsx";
import { attackPath, groupWords, standingWords } from "./_parts/words.ts";

const standings = ["stopped", "contained", "visible"] as const;
const about = `${attacks.length} ways in which agents with MCP tools are abused: how each works, how to notice it, what a policy does about it and what it cannot do.`;

export function generateMetadata(): Metadata {
  return pageMetadata({ title: "Attack patterns against agents with tools", description: about, path: "/attacks" });
}

/** All patterns, by where they begin, each with what can be done about it. */
export default function AttacksPage() {
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-6 pb-16 sm:px-6">
      <Crumbs trail={[{ label: "Attacks", path: "/attacks" }]} />
      <header className="mt-5 border-b pb-7">
        <h1 className="text-balance font-semibold text-2xl tracking-tight sm:text-3xl">
          Attack patterns against agents with tools
        </h1>
        <p className="mt-2 max-w-3xl text-pretty text-ink-muted text-lg">{about}</p>
        <dl className="mt-6 grid gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-3">
          {standings.map((standing) => (
            <div key={standing} className="bg-surface px-4 py-3">
              <dt className="flex items-center gap-2">
                <span className="font-semibold text-xl tabular-nums">{withStanding(standing).length}</span>
                <StandingBadge standing={standing} />
              </dt>
              <dd className="mt-1 text-pretty text-ink-muted text-sm">{standingWords[standing].about}</dd>
            </div>
          ))}
        </dl>
        <p className="mt-4 max-w-3xl text-pretty text-ink-muted text-sm">
          Every pattern is shown at work: as calls against a policy, decided by the engine of the gateway while you
          read, or as requests that a test sends to a running one. Each page ends with what a policy cannot do.
        </p>
      </header>
      <div className="mt-10 grid gap-12">
        {attackGroups.map((group) => (
          <Section key={group} id={group} title={groupWords[group].title} about={groupWords[group].about}>
            <AttackRows attacks={attacks.filter((attack) => attack.group === group)} label={groupWords[group].title} />
          </Section>
        ))}
      </div>
      <div className="mt-14">
        <CallToAction title="Put a policy between your agents and their tools.">
          Register a server, start from the recommended policy, and point your client at the gateway.
        </CallToAction>
      </div>
      <JsonLd
        data={{
          "@type": "ItemList",
          name: "Attack patterns against agents with tools",
          itemListElement: attacks.map(({ slug, title }, index) => ({
            "@type": "ListItem",
            position: index + 1,
            name: title,
            url: absoluteUrl(attackPath(slug)),
          })),
        }}
      />
    </div>
  );
}

function withStanding(standing: Attack["standing"]): Attack[] {
  return attacks.filter((attack) => attack.standing === standing);
}
