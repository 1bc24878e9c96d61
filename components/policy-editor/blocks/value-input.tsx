"use client";
import { useState } from "react";
import { isDeepEqual } from "../../../policy/deep-equal.ts";
import { Select } from "../../ui/select.tsx";
import type { Trouble } from "./block-change.ts";
import { ChoiceBoxes } from "./choice-boxes.tsx";
import { jsonProblem, readJson } from "./read-json.ts";
import { Segmented } from "./segmented.tsx";
import { SettledField } from "./settled-field.tsx";
import type { Subject } from "./subject.ts";
import { TagInput } from "./tag-input.tsx";
import { numberProblem, readNumber } from "./typed-number.ts";
import { type AnyType, anyTypeOf, anyTypes, boundsWords, choiceLabel, type ValueControl } from "./value-control.ts";

type Props = {
  /** For screen readers. */
  label: string;
  path: string;
  value: unknown;
  problem: Trouble | null;
  disabled: boolean;
  onChange: (value: unknown) => void;
};

/** The control that a value's type asks for. What it reports is of that type: a number stays one, and so does the text "5". */
export function ValueInput({ control, subject, ...props }: Props & { control: ValueControl; subject: Subject }) {
  const { label, path, value, problem, disabled, onChange } = props;
  switch (control.kind) {
    case "none":
      return null;
    case "one_of":
      return (
        <Select
          aria-label={label}
          className="h-8 px-2 text-sm"
          placeholder="Choose…"
          disabled={disabled}
          value={value === undefined ? "" : JSON.stringify(value)}
          options={control.choices.map((choice) => ({
            value: JSON.stringify(choice),
            label: choiceLabel(choice, path),
          }))}
          onValueChange={(text) => onChange(control.choices.find((choice) => JSON.stringify(choice) === text))}
        />
      );
    case "some_of":
      return (
        <ChoiceBoxes
          label={label}
          choices={control.choices}
          labelOf={(choice) => choiceLabel(choice, path)}
          isUnknown={(choice) => subject.choices?.some((known) => isDeepEqual(known, choice)) === false}
          chosen={Array.isArray(value) ? value : []}
          disabled={disabled}
          problem={problem}
          onChange={onChange}
        />
      );
    case "yes_no":
      return <YesNo {...props} />;
    case "number":
      return <NumberInput {...props} hint={boundsWords(subject)} />;
    case "text":
      return <TextInput {...props} isPattern={control.isPattern} />;
    case "list":
      return (
        <TagInput
          label={label}
          item={control.item}
          values={Array.isArray(value) ? value : []}
          problem={problem}
          disabled={disabled}
          onChange={onChange}
        />
      );
    case "any":
      return <AnyInput {...props} />;
  }
}

const yesNo = [
  { value: "true", label: "Yes (true)" },
  { value: "false", label: "No (false)" },
];

function YesNo({ label, value, disabled, onChange }: Props) {
  return (
    <Segmented
      label={label}
      value={typeof value === "boolean" ? String(value) : null}
      options={yesNo}
      disabled={disabled}
      onChange={(chosen) => onChange(chosen === "true")}
    />
  );
}

function NumberInput({ label, value, problem, disabled, hint, onChange }: Props & { hint: string | null }) {
  return (
    <SettledField
      label={label}
      labelHidden
      numeric
      placeholder={hint ?? "A number"}
      value={typeof value === "number" ? String(value) : ""}
      problemOf={numberProblem()}
      problem={problem}
      hint={hint === null ? undefined : `The tool takes ${hint}`}
      disabled={disabled}
      onSettle={(text) => {
        const read = readNumber(text);
        if (read.ok) onChange(read.value);
      }}
    />
  );
}

function TextInput({ label, value, problem, disabled, isPattern, onChange }: Props & { isPattern: boolean }) {
  return (
    <SettledField
      label={label}
      labelHidden
      mono={isPattern}
      placeholder={isPattern ? "^/srv/.+\\.log$" : "Text"}
      hint={isPattern ? "RE2, found anywhere in the text unless it has ^ and $" : undefined}
      value={typeof value === "string" ? value : ""}
      problem={problem}
      disabled={disabled}
      onSettle={onChange}
    />
  );
}

const anyLabels: Record<AnyType, string> = { text: "Text", number: "Number", yes_no: "Yes or no", json: "JSON" };

function AnyInput(props: Props) {
  const { label, value, problem, disabled, onChange } = props;
  const [chosen, setChosen] = useState<AnyType | null>(null);
  const type = chosen ?? anyTypeOf(value);
  return (
    <div className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-start gap-1.5">
      <Select
        aria-label={`${label}: type`}
        className="h-8 px-2 text-sm"
        disabled={disabled}
        value={type}
        options={anyTypes.map((one) => ({ value: one, label: anyLabels[one] }))}
        onValueChange={(text) => setChosen(anyTypes.find((one) => one === text) ?? null)}
      />
      {type === "text" && <TextInput {...props} isPattern={false} />}
      {type === "number" && <NumberInput {...props} hint={null} />}
      {type === "yes_no" && <YesNo {...props} />}
      {type === "json" && (
        <SettledField
          label={label}
          labelHidden
          mono
          multiline
          placeholder='{ "a": 1 }'
          value={value === undefined ? "" : JSON.stringify(value)}
          problemOf={jsonProblem}
          problem={problem}
          disabled={disabled}
          onSettle={(text) => {
            const read = readJson(text);
            if (read.ok) onChange(read.value);
          }}
        />
      )}
    </div>
  );
}
