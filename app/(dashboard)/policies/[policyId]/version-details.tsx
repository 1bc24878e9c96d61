"use client";
import { useMemo, useState } from "react";
import type { PolicyVersion } from "@/app/_client/queries.ts";
import { ChangeList } from "@/components/policy-editor/change-list.tsx";
import { TextDiff } from "@/components/policy-editor/text-diff.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { Select } from "@/components/ui/select.tsx";
import { parsePolicy } from "@/policy/parse.ts";
import type { KnownTool } from "@/policy/reachable.ts";

/** A version opened: what it changed, in sentences and in its text, compared with the one before it or with the live one. */
export function VersionDetails({
  version,
  all,
  tools,
}: {
  version: PolicyVersion;
  all: readonly PolicyVersion[];
  tools: readonly KnownTool[];
}) {
  const before = all.find((other) => other.version === version.version - 1);
  const live = all.find(({ active }) => active);
  const [wanted, setWanted] = useState<"before" | "live" | "none">(before ? "before" : "none");
  const other = wanted === "before" ? before : wanted === "live" ? live : undefined;
  const options = [
    ...(before ? [{ value: "before", label: `Version ${before.version}, the one before` }] : []),
    ...(live && live.version !== version.version
      ? [{ value: "live", label: `Version ${live.version}, the live one` }]
      : []),
    { value: "none", label: "Nothing: its whole text" },
  ];

  return (
    <div className="grid gap-3 px-4 pb-4">
      <div className="flex flex-wrap items-center gap-2 text-ink-muted text-sm">
        Compared with
        <Select
          aria-label={`Compare version ${version.version} with`}
          className="h-7.5 w-64 text-sm"
          value={wanted}
          onValueChange={(value) => setWanted(value === "before" || value === "live" ? value : "none")}
          options={options}
        />
      </div>
      {other ? (
        <Compared from={other} to={version} tools={tools} />
      ) : (
        <CodeBlock text={version.document} label={`version ${version.version}`} />
      )}
    </div>
  );
}

function Compared({ from, to, tools }: { from: PolicyVersion; to: PolicyVersion; tools: readonly KnownTool[] }) {
  const [before, after] = useMemo(() => [from, to].map(({ document }) => parsePolicy(document)), [from, to]);
  return (
    <>
      {before?.ok && after?.ok && <ChangeList before={before.document} after={after.document} tools={tools} />}
      <TextDiff before={from.document} after={to.document} label={`Text of version ${to.version}, compared`} />
    </>
  );
}
