"use client";
import { useEffect, useState } from "react";
import type { CallFilters } from "@/app/_client/queries.ts";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Select } from "@/components/ui/select.tsx";
import { outcomeLabels } from "./filters.ts";

const any = "any";
const typingPauseMs = 350;

/** The filters that are needed less often. */
export function MoreFilters({
  policies,
  values,
  onChange,
}: {
  policies: readonly { id: string; name: string }[];
  values: CallFilters;
  onChange: (changes: Record<string, string>) => void;
}) {
  return (
    <fieldset className="mb-3 grid gap-3 rounded-lg border bg-surface p-3 sm:grid-cols-2 lg:grid-cols-4">
      <legend className="sr-only">More filters</legend>
      <Typed label="Words in the message" name="q" values={values} onChange={onChange} />
      <Field label="Outcome">
        {(control) => (
          <Select
            {...control}
            value={values.outcome ?? any}
            onValueChange={(value) => onChange({ outcome: value === any ? "" : value })}
            options={[
              { value: any, label: "Any outcome" },
              ...Object.entries(outcomeLabels).map(([value, label]) => ({ value, label })),
            ]}
          />
        )}
      </Field>
      <Field label="Policy">
        {(control) => (
          <Select
            {...control}
            value={values.policyId ?? any}
            onValueChange={(value) => onChange({ policyId: value === any ? "" : value })}
            options={[
              { value: any, label: "Any policy" },
              ...policies.map(({ id, name }) => ({ value: id, label: name })),
              ...(values.policyId !== undefined && !policies.some(({ id }) => id === values.policyId)
                ? [{ value: values.policyId, label: "deleted policy" }]
                : []),
            ]}
          />
        )}
      </Field>
      <Typed label="Rule" name="rule" values={values} onChange={onChange} placeholder="/tools/…/deny_if/0" />
      <Typed label="Client" name="clientName" values={values} onChange={onChange} />
      <Typed label="Session" name="sessionId" values={values} onChange={onChange} />
      <Moment label="From" name="from" values={values} onChange={onChange} />
      <Moment label="Before" name="to" values={values} onChange={onChange} />
    </fieldset>
  );
}

type Part = {
  label: string;
  name: keyof CallFilters;
  values: CallFilters;
  onChange: (changes: Record<string, string>) => void;
};

/** The address follows once the typing pauses; clearing the filters clears the field. */
function Typed({ label, name, values, onChange, placeholder }: Part & { placeholder?: string }) {
  const set = values[name] ?? "";
  const [text, setText] = useState(set);
  useEffect(() => setText(set), [set]);
  useEffect(() => {
    if (text.trim() === set) return;
    const timer = setTimeout(() => onChange({ [name]: text.trim() }), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text, set, name, onChange]);
  return (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
    </Field>
  );
}

/** Shown in the time of whoever looks; the address has it in UTC. */
function Moment({ label, name, values, onChange }: Part) {
  const set = values[name] ?? "";
  return (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          type="datetime-local"
          value={localTime(set)}
          onChange={({ target }) =>
            onChange({ [name]: target.value === "" ? "" : new Date(target.value).toISOString() })
          }
        />
      )}
    </Field>
  );
}

function localTime(iso: string): string {
  const at = new Date(iso);
  if (iso === "" || Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
