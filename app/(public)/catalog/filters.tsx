import { cn } from "@/components/ui/cn.ts";
import { controlStyle } from "@/components/ui/input.tsx";
import { type RiskCategory, type Severity, severities } from "../../../catalog/risk.ts";
import { type SourceKind, sourceKinds } from "../../api/v1/catalog-kinds.ts";
import type { CatalogTotals } from "../../api/v1/catalog-schemas.ts";
import { severityWords } from "./_parts/categories.ts";
import { worstFirst } from "./_parts/category-bar.tsx";
import { sourceLabel } from "./_parts/identity.ts";
import type { SearchAsked } from "./search-asked.ts";

/** Ordinary controls of a form: they work without a script, and at once with one. */
export function Filters({
  asked,
  totals,
  onChange,
}: {
  asked: SearchAsked;
  totals: CatalogTotals;
  onChange: (changed: Partial<SearchAsked>) => void;
}) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <fieldset className="inline-flex rounded-md border bg-raised p-0.5">
        <legend className="sr-only">Search among</legend>
        {(["servers", "tools"] as const).map((of) => (
          <label
            key={of}
            className="flex h-7.5 cursor-pointer items-center gap-1.5 rounded px-3 text-ink-muted text-sm has-checked:bg-surface has-checked:font-medium has-checked:text-ink has-checked:shadow-xs has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name="of"
              value={of}
              checked={asked.of === of}
              onChange={() => onChange({ of })}
              className="absolute opacity-0"
            />
            {of === "servers" ? "Servers" : "Tools"}
            <span className="font-normal text-ink-muted text-xs tabular-nums">
              {totals[of].toLocaleString("en-US")}
            </span>
          </label>
        ))}
      </fieldset>
      <Choice
        name="category"
        label="Category"
        any="Every category"
        value={asked.category}
        options={worstFirst.map((value) => ({ value, label: value, count: totals.byCategory[value] }))}
        onChange={(value) => onChange({ category: value as RiskCategory | undefined })}
      />
      <Choice
        name="severity"
        label="Severity"
        any="Every severity"
        value={asked.severity}
        options={[...severities].reverse().map((value) => ({
          value,
          label: severityWords[value],
          count: totals.bySeverity[value],
        }))}
        onChange={(value) => onChange({ severity: value as Severity | undefined })}
      />
      <Choice
        name="source"
        label="Source"
        any="Every source"
        value={asked.sourceKind}
        options={sourceKinds.map((value) => ({ value, label: sourceLabel(value), count: totals.bySourceKind[value] }))}
        onChange={(value) => onChange({ sourceKind: value as SourceKind | undefined })}
      />
    </div>
  );
}

function Choice({
  name,
  label,
  any,
  value,
  options,
  onChange,
}: {
  name: string;
  label: string;
  any: string;
  value: string | undefined;
  options: readonly { value: string; label: string; count: number }[];
  onChange: (value: string | undefined) => void;
}) {
  return (
    <select
      name={name}
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
      className={cn(controlStyle, "h-8.5 w-auto max-w-full text-sm", value === undefined && "text-ink-muted")}
    >
      <option value="">{any}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label} ({option.count.toLocaleString("en-US")})
        </option>
      ))}
    </select>
  );
}
