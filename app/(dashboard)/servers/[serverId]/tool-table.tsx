"use client";
import { Wrench } from "lucide-react";
import { useState } from "react";
import type { ToolAnswer } from "@/app/api/v1/schemas.ts";
import { severityLabel } from "@/components/risk-badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { SearchInput } from "@/components/ui/search-input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { replaceParams, useUrlState } from "../../use-url-state.ts";
import { ToolRow } from "./tool-row.tsx";

const any = "any";
const categories = ["Read", "Write", "Execute", "Destructive", "Financial", "Other"] as const;
const severities = ["critical", "high", "medium", "low"] as const;

export function ToolTable({ serverId, tools }: { serverId: string; tools: readonly ToolAnswer[] }) {
  const [search, setSearch] = useState("");
  const [category, setCategory] = useUrlState("category");
  const [severity, setSeverity] = useUrlState("severity");
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = tools.filter((tool) => {
    if (category && tool.category !== category) return false;
    if (severity && tool.severity !== severity) return false;
    const text = `${tool.name} ${tool.description ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });

  if (tools.length === 0) {
    return (
      <Card>
        <EmptyState icon={<Wrench />} title="This server lists no tools">
          When it gets some, reconnect to list them.
        </EmptyState>
      </Card>
    );
  }
  return (
    <>
      <div className="mb-3 flex flex-wrap gap-2">
        <SearchInput label="Search tools" value={search} onChange={setSearch} className="min-w-48 flex-1 sm:max-w-sm" />
        <Select
          aria-label="Category"
          className="w-38"
          value={category || any}
          onValueChange={(value) => setCategory(value === any ? "" : value)}
          options={[
            { value: any, label: "All categories" },
            ...categories
              .filter((each) => tools.some((tool) => tool.category === each))
              .map((each) => ({ value: each, label: each })),
          ]}
        />
        <Select
          aria-label="Severity"
          className="w-36"
          value={severity || any}
          onValueChange={(value) => setSeverity(value === any ? "" : value)}
          options={[
            { value: any, label: "All severities" },
            ...severities
              .filter((each) => tools.some((tool) => tool.severity === each))
              .map((each) => ({ value: each, label: severityLabel[each] })),
          ]}
        />
        <p role="status" className="self-center text-ink-muted text-sm tabular-nums">
          {shown.length === tools.length ? `${tools.length} tools` : `${shown.length} of ${tools.length} tools`}
        </p>
      </div>
      <Card>
        {shown.length > 0 ? (
          <ul aria-label="Tools" className="divide-y">
            {shown.map((tool) => (
              <ToolRow key={tool.name} serverId={serverId} tool={tool} />
            ))}
          </ul>
        ) : (
          <EmptyState
            title="No tool fits"
            actions={
              <Button
                onClick={() => {
                  setSearch("");
                  replaceParams({ category: "", severity: "" });
                }}
              >
                Clear the filters
              </Button>
            }
          />
        )}
      </Card>
    </>
  );
}
