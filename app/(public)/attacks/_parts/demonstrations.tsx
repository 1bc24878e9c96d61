import type { ReactNode } from "react";
import type { AttackDemonstration } from "../../../../catalog/attacks/attack.ts";
import { Say, sayTicked } from "../../catalog/_parts/say.tsx";
import { Calls } from "./calls.tsx";
import { Classifications } from "./classifications.tsx";
import { Definitions } from "./definitions.tsx";
import { Exchanges } from "./exchanges.tsx";

/** How the results came about. Without a script they are the server's, by the same code. */
const computed: Record<AttackDemonstration["kind"], ReactNode> = {
  calls: <ByTheSameCode did="Decided" as="runs in the gateway" />,
  definition: <ByTheSameCode did="Compared and decided" as="runs in the gateway" />,
  classification: <ByTheSameCode did="Classified" as="fills the catalog" />,
  exchanges: "An automated test sends each of these to a running gateway and holds it to the answer.",
};

/** Says where something was computed, which is true with a script and without. */
export function ByTheSameCode({ did, as }: { did: string; as: string }) {
  return (
    <>
      {did} <span className="noscript:hidden">here in your browser, </span>by the same code that {as}.
    </>
  );
}

export function Demonstrations({ of }: { of: readonly AttackDemonstration[] }) {
  return (
    <div className="grid gap-9">
      {of.map((one) => (
        <section key={one.title} aria-label={one.title}>
          <h3 className="font-semibold">
            <Say said={sayTicked(one.title)} />
          </h3>
          <p className="mt-0.5 mb-3 max-w-3xl text-pretty text-ink-muted text-sm">
            <Say said={sayTicked(one.about)} /> {computed[one.kind]}
          </p>
          <Demonstration of={one} />
        </section>
      ))}
    </div>
  );
}

function Demonstration({ of }: { of: AttackDemonstration }) {
  switch (of.kind) {
    case "calls":
      return <Calls demonstration={of} />;
    case "definition":
      return <Definitions demonstration={of} />;
    case "classification":
      return <Classifications tools={of.tools} />;
    case "exchanges":
      return <Exchanges demonstration={of} />;
  }
}
