"use client";
import { useId, useMemo, useState } from "react";
import { jsonTypeOf } from "../../../policy/input-schema.ts";
import { Textarea } from "../../ui/textarea.tsx";
import { readJson } from "../blocks/read-json.ts";
import { Segmented } from "../blocks/segmented.tsx";
import { ArgumentFields } from "./argument-fields.tsx";
import { argumentFields } from "./argument-form.ts";

export type Arguments = Readonly<Record<string, unknown>>;

/** The arguments of the call: a form that the tool's schema makes, or their JSON; both write the same values. */
export function CallArguments({
  inputSchema,
  values,
  onChange,
}: {
  inputSchema: unknown;
  values: Arguments;
  onChange: (values: Arguments) => void;
}) {
  const id = useId();
  const [mode, setMode] = useState<"form" | "json">("form");
  // What is typed as JSON, until it is left; null when it is what the values are.
  const [typed, setTyped] = useState<string | null>(null);
  const fields = useMemo(() => argumentFields(inputSchema), [inputSchema]);
  const problem = typed === null ? null : argumentsProblem(typed);

  return (
    <section aria-labelledby={id} className="grid gap-2.5">
      <div className="flex items-center justify-between gap-3">
        <h3 id={id} className="font-semibold text-ink text-sm">
          Arguments
        </h3>
        <Segmented
          label="How the arguments are written"
          className="w-32"
          value={mode}
          // Leaving now would drop what is typed.
          disabled={problem !== null}
          options={[
            { value: "form", label: "Form" },
            { value: "json", label: "JSON" },
          ]}
          onChange={(next) => {
            setTyped(null);
            setMode(next === "json" ? "json" : "form");
          }}
        />
      </div>
      {mode === "form" ? (
        <ArgumentFields fields={fields} values={values} inputSchema={inputSchema} onChange={onChange} />
      ) : (
        <div className="grid gap-1">
          <Textarea
            aria-label="Arguments as JSON"
            aria-invalid={problem ? true : undefined}
            aria-describedby={problem ? `${id}-problem` : undefined}
            spellCheck={false}
            className="field-sizing-content max-h-96 min-h-32 px-2.5 font-mono text-xs"
            value={typed ?? JSON.stringify(values, null, 2)}
            onChange={(event) => {
              setTyped(event.target.value);
              const read = readJson(event.target.value);
              if (read.ok && argumentsProblem(event.target.value) === null) onChange(read.value as Arguments);
            }}
          />
          {problem && (
            <p id={`${id}-problem`} role="alert" className="text-danger text-sm">
              {problem}. Below is the answer for the last arguments that could be read.
            </p>
          )}
        </div>
      )}
    </section>
  );
}

function argumentsProblem(text: string): string | null {
  const read = readJson(text);
  if (!read.ok) return read.message;
  return jsonTypeOf(read.value) === "object" ? null : "The arguments of a call are an object: { … }";
}
