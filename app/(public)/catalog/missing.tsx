"use client";
import { SearchX } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useState } from "react";
import { send } from "@/app/_client/api.ts";
import { Button } from "@/components/ui/button.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { Input } from "@/components/ui/input.tsx";
import { toolNameOf } from "../../../catalog/address.ts";
import { visible } from "./_parts/visible.ts";
import { Cards } from "./results.tsx";
import { queryLengthMax, type SearchAsked, searchApiPath } from "./search-asked.ts";
import type { Found } from "./suggest.ts";

/** Nothing is at this address of the catalog: what it asked for, in a search, and what comes near. */
export function Missing() {
  const asked = askedBy(usePathname());
  const [near, setNear] = useState<Found["items"]>([]);

  useEffect(() => {
    const left = new AbortController();
    void send<Found>("GET", searchApiPath(askedBy(window.location.pathname), 5), undefined, left.signal).then(
      // Without an answer the form is still there.
      (answer) => answer.ok && setNear(answer.value.items),
    );
    return () => left.abort();
  }, []);

  const what = asked.of === "tools" ? "tool" : "server";
  return (
    <div className="mx-auto w-full max-w-2xl px-4 pt-8 pb-16 sm:px-6">
      <EmptyState
        heading="h1"
        icon={<SearchX />}
        title={`The catalog has no such ${what}`}
        actions={
          <Button asChild>
            <Link href="/catalog">The whole catalog</Link>
          </Button>
        }
      >
        <span className="[overflow-wrap:anywhere]">
          Nothing is known here of{" "}
          {asked.q === "" ? "it" : <code className="font-mono text-ink">{visible(asked.q)}</code>}.
        </span>
      </EmptyState>
      <search aria-label="The catalog">
        <form action="/catalog" method="get" className="flex gap-2">
          <Input type="search" name="q" aria-label="Search servers and tools" defaultValue={asked.q} key={asked.q} />
          <input type="hidden" name="of" value={asked.of} />
          <Button type="submit" variant="primary">
            Search
          </Button>
        </form>
      </search>
      {near.length > 0 && (
        <section aria-labelledby="near" className="mt-8">
          <h2 id="near" className="mb-3 font-semibold text-lg">
            Did you mean one of these?
          </h2>
          <div className="overflow-hidden rounded-lg border bg-surface">
            <Cards items={near} query={asked.q} label="Suggestions" />
          </div>
        </section>
      )}
    </div>
  );
}

/** `/catalog/<server>/<tool>` asked for a tool, `/catalog/<server>` for a server. */
function askedBy(pathname: string): SearchAsked {
  const [, , server = "", tool] = pathname.split("/");
  const q = tool === undefined ? server.replaceAll("-", " ") : (toolNameOf(tool) ?? "");
  return { q: q.slice(0, queryLengthMax), of: tool === undefined ? "servers" : "tools" };
}
