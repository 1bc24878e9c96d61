"use client";
import { Plus, X } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { argumentPaths } from "../../../policy/argument-paths.ts";
import { isDeepEqual } from "../../../policy/deep-equal.ts";
import type { Problem } from "../../../policy/problems.ts";
import { type Condition, conditionsMax } from "../../../policy/schema.ts";
import { conditionsWords } from "../../../policy/words.ts";
import { Button } from "../../ui/button.tsx";
import { Select } from "../../ui/select.tsx";
import { problemAt } from "./block-change.ts";
import {
  conditionOf,
  conditionsOf,
  emptyListNote,
  emptyRow,
  isPending,
  problemsOf,
  type Row,
  rowOf,
  withOperator,
  withPath,
} from "./condition-model.ts";
import { operatorLabels, operatorOf, operatorsFor } from "./operator-choices.ts";
import { PathSelect } from "./path-select.tsx";
import { subjectAt } from "./subject.ts";
import { valueControl } from "./value-control.ts";
import { ValueInput } from "./value-input.tsx";

type List = "require" | "deny_if" | "approve_if";

/** Conditions that all have to hold, a row each. A row goes into the policy when it is complete. */
export function ConditionList({
  list,
  at,
  conditions,
  canBeEmpty,
  inputSchema,
  problems,
  disabled,
  onChange,
}: {
  list: List;
  at: string;
  conditions: readonly Condition[];
  canBeEmpty: boolean;
  inputSchema: unknown;
  problems: readonly Problem[];
  disabled: boolean;
  onChange: (conditions: Condition[]) => void;
}) {
  const [rows, setRows] = useState<readonly Row[]>(() => conditions.map(rowOf));
  const add = useRef<HTMLButtonElement>(null);
  const [known, setKnown] = useState(conditions);
  if (!isDeepEqual(conditions, known)) {
    setKnown(conditions);
    // Undo, or the JSON beside it: rows that were not complete are about something that is gone.
    if (!isDeepEqual(conditions, conditionsOf(rows))) setRows(conditions.map(rowOf));
  }

  function change(next: readonly Row[]) {
    // Before the change is reported: what comes back is then what the rows say already.
    setRows(next.map((row) => ({ ...row, committed: conditionOf(row) ?? row.committed })));
    const said = conditionsOf(next);
    if (!isDeepEqual(said, conditions)) onChange(said);
  }

  const inPolicy = rows.filter(({ committed }) => committed !== null).length;
  return (
    <div className="grid gap-2">
      <ol className="grid gap-2">
        {rows.map((row, index) => (
          <li key={row.id} className="grid gap-1.5 rounded-md border bg-canvas/60 p-2">
            {index > 0 && <span className="sr-only">and</span>}
            <ConditionRow
              row={row}
              nth={index + 1}
              list={list}
              inputSchema={inputSchema}
              // Rows and conditions stand in the same order, without the rows that are not there yet.
              at={`${at}/conditions/${rows.slice(0, index).filter(({ committed }) => committed !== null).length}`}
              problems={isPending(row) ? [] : problems}
              blockAt={at}
              disabled={disabled}
              canRemove={row.committed === null || canBeEmpty || inPolicy > 1}
              onChange={(next) => change(rows.map((one) => (one.id === row.id ? next : one)))}
              onRemove={() => {
                change(rows.filter((one) => one.id !== row.id));
                // The button that had the focus is gone.
                add.current?.focus();
              }}
            />
          </li>
        ))}
      </ol>
      {rows.length === 0 && <p className="text-ink-muted text-sm">Every call.</p>}
      <Button
        ref={add}
        size="sm"
        variant="ghost"
        className="justify-self-start"
        disabled={disabled || rows.length >= conditionsMax}
        onClick={() => setRows([...rows, emptyRow()])}
      >
        <Plus aria-hidden="true" />
        {rows.length === 0 ? "Only when…" : "And…"}
      </Button>
    </div>
  );
}

function ConditionRow({
  row,
  nth,
  list,
  inputSchema,
  at,
  blockAt,
  problems,
  disabled,
  canRemove,
  onChange,
  onRemove,
}: {
  row: Row;
  nth: number;
  list: List;
  inputSchema: unknown;
  at: string;
  blockAt: string;
  problems: readonly Problem[];
  disabled: boolean;
  canRemove: boolean;
  onChange: (row: Row) => void;
  onRemove: () => void;
}) {
  const paths = useMemo(() => argumentPaths(inputSchema), [inputSchema]);
  const subject = subjectAt(row.path, inputSchema, paths);
  const offered = operatorsFor(subject);
  const operators = offered.includes(row.operator) ? offered : [row.operator, ...offered];
  const control = valueControl(row.operator, subject, row.value);
  const own =
    row.value === undefined
      ? null
      : problemsOf({ path: row.path, op: operatorOf(row.operator), value: row.value }).value;
  const field = at.slice(blockAt.length + 1);
  const problem = (name: string) => problemAt(problems, blockAt, `${field}/${name}`);
  const note = emptyListNote(row, list);
  const isWaiting = conditionOf(row) === null;

  return (
    <>
      <div className="flex items-start gap-1.5">
        <PathSelect
          label={`Condition ${nth}: argument`}
          labelHidden
          className="min-w-0 flex-1"
          value={row.path}
          inputSchema={inputSchema}
          wants="condition"
          problem={problem("path")}
          // Whoever asks whether an argument is there may mean one that should not be.
          mayBeUnknown={operatorOf(row.operator) === "exists"}
          autoFocus={row.path === ""}
          disabled={disabled}
          onChange={(path) => onChange(withPath(row, path, subjectAt(path, inputSchema, paths)))}
        />
        {canRemove && (
          <Button
            size="iconSm"
            variant="ghost"
            aria-label={`Remove condition ${nth}`}
            disabled={disabled}
            onClick={onRemove}
            className="mt-0.5"
          >
            <X aria-hidden="true" />
          </Button>
        )}
      </div>
      {row.path !== "" && (
        <Select
          aria-label={`Condition ${nth}: how it compares`}
          className="h-8 px-2 text-sm"
          disabled={disabled}
          value={row.operator}
          options={operators.map((id) => ({ value: id, label: operatorLabels[id] }))}
          onValueChange={(value) => {
            const id = operators.find((known) => known === value);
            if (id) onChange(withOperator(row, id, subject));
          }}
        />
      )}
      {row.path !== "" && (
        <ValueInput
          label={`Condition ${nth}: value`}
          path={row.path}
          control={control}
          subject={subject}
          value={row.value}
          problem={own === null ? problem("value") : { message: own, severity: "error" }}
          disabled={disabled}
          onChange={(value) => onChange({ ...row, value })}
        />
      )}
      {note && <p className="text-warn text-xs">{note}.</p>}
      {isWaiting && (
        <p role="status" className="text-ink-muted text-xs">
          {row.committed === null
            ? `Not in the policy yet: choose ${row.path === "" ? "an argument" : "a value"}.`
            : `Until this is complete the policy says: ${conditionsWords([row.committed], list === "require" ? "every" : "any")}.`}
        </p>
      )}
    </>
  );
}
