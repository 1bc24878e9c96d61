"use client";
import { Plus, X } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Combobox } from "../../ui/combobox.tsx";
import { Input } from "../../ui/input.tsx";
import { Select } from "../../ui/select.tsx";
import { Segmented } from "../blocks/segmented.tsx";
import { numberProblem, readNumber } from "../blocks/typed-number.ts";
import { boundsWords } from "../blocks/value-control.ts";
import { ValueInput } from "../blocks/value-input.tsx";
import { type ArgumentField, canShow, fieldsOf, type ValueField, valueField } from "./argument-form.ts";

type Values = Readonly<Record<string, unknown>>;

/** An object's fields: the required ones and those that are given, and a way to the others. */
export function ArgumentFields({
  fields,
  values,
  inputSchema,
  depth = 0,
  path = "",
  onChange,
}: {
  fields: readonly ArgumentField[];
  values: Values;
  /** The whole one, which references point into. */
  inputSchema: unknown;
  depth?: number;
  /** In front of the names, for screen readers. */
  path?: string;
  onChange: (values: Values) => void;
}) {
  const shown = fields.filter(({ name, required }) => required || Object.hasOwn(values, name));
  const others = fields.filter((field) => !shown.includes(field));
  const known = new Set(fields.map(({ name }) => name));
  const undeclared = Object.keys(values).filter((name) => !known.has(name));

  const set = (name: string, value: unknown) => onChange({ ...values, [name]: value });
  const remove = (name: string) => onChange(Object.fromEntries(Object.entries(values).filter(([key]) => key !== name)));

  return (
    <div className="grid gap-2.5">
      {[...shown, ...undeclared.map(undeclaredField)].map((field) => {
        const isGiven = Object.hasOwn(values, field.name);
        return (
          <FieldFrame
            key={field.name}
            field={field}
            note={known.has(field.name) ? null : "not in the schema"}
            onRemove={isGiven ? () => remove(field.name) : null}
          >
            {isGiven ? (
              <ValueOf
                field={field}
                label={`${path}${field.name}`}
                value={values[field.name]}
                inputSchema={inputSchema}
                depth={depth}
                onChange={(value) => set(field.name, value)}
              />
            ) : (
              <Button size="sm" variant="ghost" className="-ml-1" onClick={() => set(field.name, field.start)}>
                <Plus aria-hidden="true" />
                Give a value
              </Button>
            )}
          </FieldFrame>
        );
      })}
      <Combobox
        mono
        aria-label={path === "" ? "Add an argument" : `Add a field to ${path.slice(0, -1)}`}
        placeholder={others.length > 0 ? `Add an argument… (${others.length} more)` : "Add another argument…"}
        value=""
        freeOnEnterOnly
        options={others.map(({ name, kind, description }) => ({
          value: name,
          detail: kindWords[kind],
          about: description,
        }))}
        onTake={(name) => set(name, others.find((field) => field.name === name)?.start ?? "")}
        onFree={(name) => {
          if (name !== "" && !Object.hasOwn(values, name)) set(name, "");
        }}
      />
    </div>
  );
}

const kindWords: Record<ValueField["kind"], string> = {
  choice: "choice",
  boolean: "yes or no",
  number: "number",
  text: "text",
  list: "list",
  object: "object",
  json: "any value",
};

function undeclaredField(name: string): ArgumentField {
  return { ...valueField(undefined, undefined), name, required: false };
}

function FieldFrame({
  field,
  note,
  onRemove,
  children,
}: {
  field: ArgumentField;
  note: string | null;
  onRemove: (() => void) | null;
  children: ReactNode;
}) {
  return (
    <div className="grid gap-1">
      <div className="flex min-h-5 items-center gap-2">
        <span className="min-w-0 truncate font-mono text-ink text-xs" title={field.description}>
          {field.name}
        </span>
        {field.required && <span className="shrink-0 text-ink-muted text-xs">required</span>}
        {note && <span className="shrink-0 text-warn text-xs">{note}</span>}
        {onRemove && (
          <button
            type="button"
            aria-label={`Leave ${field.name} out`}
            title={`Leave ${field.name} out`}
            onClick={onRemove}
            className="-my-1 ml-auto grid size-6 shrink-0 place-items-center rounded text-ink-faint hover:bg-raised hover:text-ink"
          >
            <X aria-hidden="true" className="size-3.5" />
          </button>
        )}
      </div>
      {children}
      {field.description && field.kind !== "text" && (
        <p className="line-clamp-2 text-ink-muted text-xs">{field.description}</p>
      )}
    </div>
  );
}

type ValueProps = {
  field: ValueField;
  label: string;
  value: unknown;
  inputSchema: unknown;
  depth: number;
  onChange: (value: unknown) => void;
};

function ValueOf(props: ValueProps) {
  const { field, label, value, onChange } = props;
  if (!canShow(field, value)) return <AnyValue {...props} />;
  switch (field.kind) {
    case "choice":
      return (
        <Select
          aria-label={label}
          className="h-8 px-2 text-sm"
          value={JSON.stringify(value)}
          options={field.choices.map((choice) => ({
            value: JSON.stringify(choice),
            label: typeof choice === "string" && choice !== "" ? choice : JSON.stringify(choice),
          }))}
          onValueChange={(text) => onChange(field.choices.find((choice) => JSON.stringify(choice) === text))}
        />
      );
    case "boolean":
      return (
        <Segmented
          label={label}
          value={String(value)}
          options={[
            { value: "true", label: "true" },
            { value: "false", label: "false" },
          ]}
          onChange={(text) => onChange(text === "true")}
        />
      );
    case "number":
      return <NumberValue {...props} value={Number(value)} />;
    case "text":
      return (
        <Input
          aria-label={label}
          className="h-8 px-2 text-sm"
          placeholder={field.description ?? "Text"}
          value={String(value)}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case "list":
      return <ListValue {...props} values={value as readonly unknown[]} />;
    case "object":
      return (
        <Nested>
          <ArgumentFields
            fields={fieldsOf(field.schemas, props.inputSchema, props.depth + 1)}
            values={value as Values}
            inputSchema={props.inputSchema}
            depth={props.depth + 1}
            path={`${label}.`}
            onChange={onChange}
          />
        </Nested>
      );
    case "json":
      return <AnyValue {...props} />;
  }
}

/** Whatever it is, its type can be seen and chosen. */
function AnyValue({ label, value, onChange }: ValueProps) {
  return (
    <ValueInput
      label={label}
      path=""
      control={{ kind: "any" }}
      subject={{ types: null, choices: null }}
      value={value}
      problem={null}
      disabled={false}
      onChange={onChange}
    />
  );
}

function NumberValue({ field, label, value, onChange }: Omit<ValueProps, "value"> & { value: number }) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const problem = typed === null ? null : numberProblem()(typed);
  return (
    <>
      <Input
        aria-label={label}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? id : undefined}
        inputMode="decimal"
        autoComplete="off"
        className="h-8 px-2 text-sm tabular-nums"
        placeholder={boundsWords(field) ?? "A number"}
        value={typed ?? String(value)}
        onChange={(event) => {
          setTyped(event.target.value);
          const read = readNumber(event.target.value);
          if (read.ok) onChange(read.value);
        }}
        onBlur={() => setTyped(null)}
      />
      {problem && (
        <p id={id} role="alert" className="text-danger text-xs">
          {problem}
        </p>
      )}
    </>
  );
}

function ListValue({
  field,
  label,
  values,
  inputSchema,
  depth,
  onChange,
}: ValueProps & { values: readonly unknown[] }) {
  const item = valueField(field.item, inputSchema, depth + 1);
  return (
    <Nested>
      <ol className="grid gap-2">
        {values.map((value, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an element of a list has no other name than its place
          <li key={index} className="flex items-start gap-1.5">
            <span className="w-4 shrink-0 pt-1.5 text-right font-mono text-ink-faint text-xs">{index}</span>
            <div className="min-w-0 flex-1">
              <ValueOf
                field={item}
                label={`${label}.${index}`}
                value={value}
                inputSchema={inputSchema}
                depth={depth + 1}
                onChange={(next) => onChange(values.map((one, at) => (at === index ? next : one)))}
              />
            </div>
            <Button
              size="iconSm"
              variant="ghost"
              aria-label={`Remove ${label}.${index}`}
              onClick={() => onChange(values.filter((_, at) => at !== index))}
            >
              <X aria-hidden="true" />
            </Button>
          </li>
        ))}
      </ol>
      <Button
        size="sm"
        variant="ghost"
        className="justify-self-start"
        onClick={() => onChange([...values, item.kind === "json" ? "" : item.start])}
      >
        <Plus aria-hidden="true" />
        Add an element
      </Button>
    </Nested>
  );
}

function Nested({ children }: { children: ReactNode }) {
  return <div className="ml-1 grid gap-2 border-l-2 pl-3">{children}</div>;
}
