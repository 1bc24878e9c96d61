"use client";
import { useEffect, useState } from "react";
import { type StackFilters, useServers } from "@/app/_client/queries.ts";
import type { StackAnswer } from "@/app/api/v1/schemas.ts";
import { severities } from "@/catalog/schema.ts";
import { reachLabel } from "@/components/reach-badge.tsx";
import { severityLabel } from "@/components/risk-badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { SearchInput } from "@/components/ui/search-input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { reaches } from "@/policy/reach.ts";
import { replaceParams } from "../use-url-state.ts";

const any = "any";
/** A pause in typing. */
const settleMs = 250;

export function StackFilterBar({ filters, totals }: { filters: StackFilters; totals: StackAnswer["totals"] | null }) {
  const servers = useServers().data ?? [];
  const [typed, setTyped] = useState(filters.q ?? "");
  const settled = filters.q ?? "";
  // Cleared from elsewhere.
  useEffect(() => setTyped((now) => (now.trim() === settled ? now : settled)), [settled]);
  useEffect(() => {
    if (typed.trim() === settled) return;
    const timer = setTimeout(() => replaceParams({ q: typed.trim() }), settleMs);
    return () => clearTimeout(timer);
  }, [typed, settled]);

  return (
    <search className="mb-3 flex flex-wrap gap-2">
      <SearchInput label="Search tools" value={typed} onChange={setTyped} className="min-w-48 flex-1 sm:max-w-xs" />
      <Select
        aria-label="Severity"
        className="w-36"
        value={filters.severity || any}
        onValueChange={(value) => replaceParams({ severity: value === any ? "" : value })}
        options={[
          { value: any, label: "All severities" },
          ...severities.toReversed().map((each) => ({ value: each, label: severityLabel[each] })),
        ]}
      />
      {servers.length > 1 && (
        <Select
          aria-label="Server"
          className="w-40"
          value={filters.serverId || any}
          onValueChange={(value) => replaceParams({ serverId: value === any ? "" : value })}
          options={[
            { value: any, label: "All servers" },
            ...servers.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      )}
      <Select
        aria-label="Reached"
        className="w-44"
        value={filters.reach || any}
        onValueChange={(value) => replaceParams({ reach: value === any ? "" : value })}
        options={[
          { value: any, label: "Reached any way" },
          ...reaches.map((each) => ({ value: each, label: `Reached ${reachLabel[each]}` })),
        ]}
      />
      <Button
        aria-pressed={filters.unprotected !== undefined}
        className="aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent"
        onClick={() => replaceParams({ unprotected: filters.unprotected === undefined ? "true" : "" })}
      >
        Unprotected only
      </Button>
      {totals && (
        <p role="status" className="self-center text-ink-muted text-sm tabular-nums">
          {totals.matching === totals.tools
            ? `${totals.tools.toLocaleString("en-US")} tools`
            : `${totals.matching.toLocaleString("en-US")} of ${totals.tools.toLocaleString("en-US")} tools`}
        </p>
      )}
    </search>
  );
}
