"use client";
import { useEffect, useState } from "react";
import { decisionLooks } from "@/components/decision-badge.tsx";
import { SearchInput } from "@/components/ui/search-input.tsx";
import { Select } from "@/components/ui/select.tsx";

const any = "any";
const typingPauseMs = 350;

type Filters = { serverId: string; grantId: string; tool: string; code: string };

export function CallFilterBar({
  servers,
  grants,
  isLoading,
  values,
  onChange,
}: {
  /** Null: the server is given. */
  servers: readonly { id: string; name: string }[] | null;
  grants: readonly { id: string; label: string }[];
  /** What is in the lists is not known yet. */
  isLoading: boolean;
  values: Filters;
  onChange: (changes: Partial<Filters>) => void;
}) {
  const [tool, setTool] = useState(values.tool);

  // The address follows once the typing pauses; clearing the filters clears the field.
  useEffect(() => setTool(values.tool), [values.tool]);
  useEffect(() => {
    if (tool.trim() === values.tool) return;
    const timer = setTimeout(() => onChange({ tool: tool.trim() }), typingPauseMs);
    return () => clearTimeout(timer);
  }, [tool, values.tool, onChange]);

  return (
    <search aria-label="Filter calls" className="grid flex-1 basis-80 grid-cols-2 gap-2 sm:flex sm:flex-wrap">
      <SearchInput
        label="Tool"
        placeholder="Exact tool name"
        value={tool}
        onChange={setTool}
        className="col-span-2 sm:w-52"
      />
      {servers && (
        <Select
          aria-label="Server"
          className="sm:w-40"
          value={values.serverId || any}
          onValueChange={(value) => onChange({ serverId: value === any ? "" : value, grantId: "" })}
          options={[
            { value: any, label: "All servers" },
            ...servers.map(({ id, name }) => ({ value: id, label: name })),
            ...otherThan(servers, values.serverId, isLoading ? "Loading…" : "deleted server"),
          ]}
        />
      )}
      <Select
        aria-label="Grant"
        className="sm:w-40"
        value={values.grantId || any}
        onValueChange={(value) => onChange({ grantId: value === any ? "" : value })}
        options={[
          { value: any, label: "All grants" },
          ...grants.map(({ id, label }) => ({ value: id, label })),
          ...otherThan(grants, values.grantId, isLoading ? "Loading…" : "deleted grant"),
        ]}
      />
      <Select
        aria-label="Decision"
        className="col-span-2 sm:w-44"
        value={values.code || any}
        onValueChange={(value) => onChange({ code: value === any ? "" : value })}
        options={[
          { value: any, label: "All decisions" },
          ...Object.entries(decisionLooks).map(([value, { label }]) => ({ value, label })),
          ...(values.code === "" || Object.hasOwn(decisionLooks, values.code)
            ? []
            : [{ value: values.code, label: values.code }]),
        ]}
      />
    </search>
  );
}

/** What the address asks for and the list does not have, so that the field says that it is set. */
function otherThan(listed: readonly { id: string }[], id: string, label: string) {
  return id === "" || listed.some((one) => one.id === id) ? [] : [{ value: id, label }];
}
