import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import { JsonLd } from "../../_parts/json-ld.tsx";
import { plain, type Said, Say } from "./say.tsx";

export type Question = {
  ask: Said;
  answer: Said /** What the answer shows besides, e.g. a document. */;
  more?: ReactNode;
};

/** Questions that open by themselves, without a script, and as data. */
export function Questions({ questions }: { questions: readonly Question[] }) {
  return (
    <div className="divide-y overflow-hidden rounded-lg border bg-surface">
      {questions.map(({ ask, answer, more }) => (
        <details key={plain(ask)} className="group">
          <summary className="flex items-start justify-between gap-4 px-4 py-3 font-medium marker:content-none hover:bg-raised">
            <h3 className="min-w-0 text-pretty font-medium [overflow-wrap:anywhere]">
              <Say said={ask} />
            </h3>
            <Plus
              aria-hidden="true"
              className="mt-0.5 size-4 shrink-0 text-ink-muted transition-transform group-open:rotate-45"
            />
          </summary>
          <div className="grid gap-3 px-4 pb-4 text-pretty text-ink-muted">
            <p className="max-w-2xl [overflow-wrap:anywhere]">
              <Say said={answer} />
            </p>
            {more}
          </div>
        </details>
      ))}
      <JsonLd
        data={{
          "@type": "FAQPage",
          mainEntity: questions.map(({ ask, answer }) => ({
            "@type": "Question",
            name: plain(ask),
            acceptedAnswer: { "@type": "Answer", text: plain(answer) },
          })),
        }}
      />
    </div>
  );
}
