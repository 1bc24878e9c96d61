"use client";
import { X } from "lucide-react";
import { type AuditFilters, useMembers } from "@/app/_client/members.ts";
import { auditActions, auditTargetKinds } from "@/app/api/v1/audit-actions.ts";
import { Button } from "@/components/ui/button.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { sentenceCase } from "./words.ts";

const any = "any";

export function AuditFilterBar({
  values,
  onChange,
  onClear,
}: {
  values: AuditFilters;
  onChange: (changes: Partial<AuditFilters>) => void;
  /** Null: nothing is filtered. */
  onClear: (() => void) | null;
}) {
  const members = useMembers().data ?? [];
  const knowsActor = values.actorId === "" || members.some(({ userId }) => userId === values.actorId);
  return (
    <search aria-label="Filter changes" className="mb-3 grid grid-cols-2 gap-2 sm:flex sm:flex-wrap sm:items-center">
      <Select
        aria-label="Who"
        className="sm:w-48"
        value={values.actorId || any}
        onValueChange={(value) => onChange({ actorId: value === any ? "" : value })}
        options={[
          { value: any, label: "Everybody" },
          ...members.map(({ userId, email }) => ({ value: userId, label: email })),
          ...(knowsActor ? [] : [{ value: values.actorId, label: "One API key or former member" }]),
        ]}
      />
      <Select
        aria-label="What"
        className="sm:w-44"
        value={values.targetKind || any}
        onValueChange={(value) => onChange({ targetKind: value === any ? "" : value, action: "" })}
        options={[
          { value: any, label: "Everything" },
          ...auditTargetKinds.map((kind) => ({ value: kind, label: sentenceCase(kind) })),
        ]}
      />
      <Select
        aria-label="Action"
        className="col-span-2 sm:w-60"
        value={values.action || any}
        onValueChange={(value) => onChange({ action: value === any ? "" : value })}
        options={[
          { value: any, label: "All actions" },
          ...Object.entries(auditActions).map(([value, words]) => ({ value, label: sentenceCase(words) })),
        ]}
      />
      <Day label="From" value={values.from} onChange={(from) => onChange({ from })} />
      <Day label="To" value={values.to} onChange={(to) => onChange({ to })} />
      {onClear && (
        <Button variant="ghost" onClick={onClear}>
          <X aria-hidden="true" />
          Clear filters
        </Button>
      )}
    </search>
  );
}

function Day({ label, value, onChange }: { label: string; value: string; onChange: (day: string) => void }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the input is inside
    <label className="flex min-w-0 items-center gap-1.5 text-ink-muted text-sm">
      {label}
      <Input
        type="date"
        aria-label={`${label} day`}
        className="min-w-0 flex-1 sm:w-38 sm:flex-none"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
