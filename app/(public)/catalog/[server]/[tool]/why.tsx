import Link from "next/link";
import { RiskBadge } from "@/components/risk-badge.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { attacksFor } from "../../../../../catalog/attacks.ts";
import { findingWords } from "../../../../_server/agents/finding-words.ts";
import type { ToolDetail } from "../../../../api/v1/catalog-schemas.ts";
import { Name, plain, Say, say, sayList, sayTicked } from "../../_parts/say.tsx";
import { Section } from "../../_parts/section.tsx";
import { visible } from "../../_parts/visible.ts";
import { evidenceOf, whyItNeedsOne } from "./tool-words.ts";

/** Why it needs a policy: the reasons, the evidence, and who has abused such a tool before. */
export function Why({ tool }: { tool: ToolDetail }) {
  return (
    <Section id="why" title={`Why ${visible(tool.name)} needs a policy`}>
      <div className="grid gap-4">
        <div className="grid max-w-2xl gap-2 text-pretty">
          {whyItNeedsOne(tool).map((said) => (
            <p key={plain(said)}>
              <Say said={said} />
            </p>
          ))}
        </div>
        <Evidence tool={tool} />
        {tool.findings.map((finding) => (
          <Callout
            key={`${finding.code} ${finding.quote}`}
            tone="warn"
            title={findingTitles[finding.code] ?? "Something to look at"}
          >
            {finding.message === undefined ? (
              findingWords(finding.code)
            ) : (
              <Say said={sayTicked(`${finding.message}.`)} />
            )}
          </Callout>
        ))}
        <AttackLinks tool={tool} />
      </div>
    </Section>
  );
}

const places: Record<string, string> = {
  name: "Its name",
  title: "Its title",
  description: "Its description",
  argument: "The argument",
  annotation: "The hint",
};

function Evidence({ tool }: { tool: ToolDetail }) {
  const signals = evidenceOf(tool.category, tool.signals);
  const quoted = signals.flatMap((signal) => (signal.quote === null ? [] : [{ ...signal, quote: signal.quote }]));
  const kept = signals.length - quoted.length;
  return (
    <div data-part="evidence" className="rounded-lg border bg-surface px-4 py-3">
      <h3 className="font-semibold text-sm">From the tool's definition</h3>
      {quoted.length === 0 ? (
        <p className="mt-1 text-ink-muted text-sm">
          <Say said={nothingQuoted(tool)} />
        </p>
      ) : (
        <ul className="mt-1 divide-y">
          {quoted.map(({ id, source, category, quote }) => (
            <li key={`${id} ${source} ${quote}`} className="flex flex-wrap items-center gap-x-2 gap-y-1 py-1.5">
              <span className="min-w-0 text-sm [overflow-wrap:anywhere]">
                <span className="text-ink-muted">{places[source] ?? source}</span> “<Name text={quote} />”{" "}
                <span className="text-ink-muted">speaks for</span>
              </span>
              <RiskBadge category={category} />
            </li>
          ))}
        </ul>
      )}
      <p className="mt-1 text-ink-muted text-xs">
        {kept > 0 &&
          "Its description speaks for this too; the sentence is the server's and does not ship with PolicyLayer. "}
        {tool.confidence > 0 && `The classifier's confidence is ${Math.round(tool.confidence * 100)} %. `}
        No model is asked: a table of words, read the same way every time.
      </p>
    </div>
  );
}

function nothingQuoted({ name, parameters }: ToolDetail) {
  const names = parameters.map((parameter) => parameter.name);
  if (names.length === 0) return say`Neither its name, ${name}, nor anything else in it says what it does.`;
  return [...say`Its name is ${name} and it takes `, ...sayList(names), ". None of these says what it does."];
}

const findingTitles: Record<string, string> = {
  hint_contradicts_text: "Its hints contradict its words",
  text_claims_harmless: "It says that it is harmless",
  hidden_characters: "It is not what it looks like",
};

function AttackLinks({ tool }: { tool: ToolDetail }) {
  const attacks = attacksFor(tool);
  if (attacks.length === 0) return null;
  return (
    <div>
      <p className="max-w-2xl text-pretty">
        Documented attack patterns abuse exactly the kind of access <Name text={tool.name} /> gives an agent:
      </p>
      <ul aria-label="Attack patterns" className="mt-2 grid gap-px overflow-hidden rounded-lg border bg-line">
        {attacks.map(({ slug, title, oneLine }) => (
          <li key={slug} className="bg-surface">
            <Link
              prefetch={false}
              href={`/attacks/${slug}`}
              className="block px-4 py-2.5 outline-offset-[-2px] hover:bg-raised"
            >
              <span className="block font-medium text-accent">{title}</span>
              <span className="block text-pretty text-ink-muted text-sm">{oneLine}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
