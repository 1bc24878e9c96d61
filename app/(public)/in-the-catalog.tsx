import { ArrowRight, Search } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { catalogTotals } from "@/app/_server/catalog/totals.ts";
import { report } from "@/app/_server/report.ts";
import { severityLabel, severityTone } from "@/components/risk-badge.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Input } from "@/components/ui/input.tsx";
import { attacks } from "../../catalog/attacks.ts";
import { severities } from "../../catalog/schema.ts";

const number = (count: number) => count.toLocaleString("en-US");

/** What can be looked up without an account, with numbers that were counted just now. */
export async function InTheCatalog() {
  // The home page says what this is also while the database is away.
  const totals = await catalogTotals().catch((cause: unknown) => {
    report("counting the catalog for the home page", cause);
    return null;
  });
  return (
    <section aria-labelledby="lookup" className="mx-auto w-full max-w-6xl px-4 pt-16 sm:px-6">
      <h2 id="lookup" className="font-semibold text-2xl tracking-tight">
        What can your agent do with this server?
      </h2>
      <p className="mt-1.5 max-w-2xl text-pretty text-ink-muted">
        Look it up before you connect. Each tool is classified by what its definition says, with the evidence, and comes
        with a policy that you can paste. No account needed.
      </p>
      <search>
        <form action="/catalog" className="mt-6 flex max-w-xl gap-2">
          <Input
            type="search"
            name="q"
            aria-label="Search servers and tools"
            placeholder="github, delete_file, payments…"
            className="h-10"
          />
          <Button type="submit" variant="primary" size="lg">
            <Search aria-hidden="true" />
            Search
          </Button>
        </form>
      </search>
      <ul className="mt-8 grid gap-4 md:grid-cols-3">
        <Place href="/catalog" title="Catalog">
          {totals === null ? (
            "MCP servers and their tools."
          ) : (
            <>
              <Figure>{number(totals.servers)}</Figure> MCP {totals.servers === 1 ? "server" : "servers"} with{" "}
              <Figure>{number(totals.tools)}</Figure> tools.
            </>
          )}
        </Place>
        <Place href="/risk" title="Risk levels">
          What each level means, and which policy goes with it.
          {totals !== null && totals.tools > 0 && (
            <span className="mt-3 flex flex-wrap gap-1">
              {severities.toReversed().map((severity) => (
                <Badge key={severity} tone={severityTone[severity]} className="tabular-nums">
                  {number(totals.bySeverity[severity])}{" "}
                  <span className="font-normal">{severityLabel[severity].toLowerCase()}</span>
                </Badge>
              ))}
            </span>
          )}
        </Place>
        <Place href="/attacks" title="Attack patterns">
          <Figure>{number(attacks.length)}</Figure> ways in which agents with tools are abused, how to notice each, and
          the policy that stops or contains it.
        </Place>
      </ul>
    </section>
  );
}

function Place({ href, title, children }: { href: string; title: string; children: ReactNode }) {
  return (
    <li className="relative rounded-lg border bg-surface p-5 transition-colors hover:border-line-strong">
      <h3 className="font-semibold">
        {/* The whole card is the link's. */}
        <Link
          prefetch={false}
          href={href}
          className="inline-flex items-center gap-1.5 after:absolute after:inset-0 after:rounded-lg"
        >
          {title}
          <ArrowRight aria-hidden="true" className="size-4 text-accent" />
        </Link>
      </h3>
      <div className="mt-1.5 text-pretty text-ink-muted text-sm">{children}</div>
    </li>
  );
}

function Figure({ children }: { children: ReactNode }) {
  return <strong className="font-semibold text-ink tabular-nums">{children}</strong>;
}
