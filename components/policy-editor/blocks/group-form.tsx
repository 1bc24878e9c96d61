"use client";
import type { PlacedBlock } from "../../../policy/blocks.ts";
import { approvalTimeoutS } from "../../../policy/evaluate.ts";
import type { Problem } from "../../../policy/problems.ts";
import type { ApprovalGroup, Group } from "../../../policy/schema.ts";
import { durationWords } from "../../../policy/words.ts";
import { type BlockChange, problemAt, withField } from "./block-change.ts";
import { capital } from "./capital.ts";
import { ConditionList } from "./condition-list.tsx";
import { SettledField } from "./settled-field.tsx";
import { numberProblem, readNumber } from "./typed-number.ts";

type Props = {
  placed: PlacedBlock;
  inputSchema: unknown;
  problems: readonly Problem[];
  disabled: boolean;
  onChange: (change: BlockChange) => void;
};

/** A requirement or a denial. */
export function GuardForm({
  placed,
  list,
  inputSchema,
  problems,
  disabled,
  onChange,
}: Props & { list: "require" | "deny_if" }) {
  const group = placed.item as Group;
  return (
    <>
      <ConditionList
        list={list}
        at={placed.at}
        conditions={group.conditions}
        canBeEmpty={false}
        inputSchema={inputSchema}
        problems={problems}
        disabled={disabled}
        onChange={(conditions) => onChange({ list, item: { ...group, conditions } })}
      />
      <SettledField
        label="Told to the agent"
        optional
        multiline
        value={group.on_deny ?? ""}
        placeholder={list === "require" ? "Like: Only small machines." : "Like: A caller may not name its own role."}
        problem={problemAt(problems, placed.at, "on_deny")}
        disabled={disabled}
        onSettle={(text) =>
          onChange({ list, item: withField(group, "on_deny", text.trim() === "" ? undefined : text) })
        }
      />
    </>
  );
}

const waitBounds = { min: 1, max: 365 * 24 * 60, whole: false };
const secondsAMinute = 60;

/** When a person is asked, with what words, and for how long. */
export function ApprovalForm({ placed, inputSchema, problems, disabled, onChange }: Props) {
  const group = placed.item as ApprovalGroup;
  const list = "approve_if";
  return (
    <>
      <ConditionList
        list={list}
        at={placed.at}
        conditions={group.conditions}
        canBeEmpty
        inputSchema={inputSchema}
        problems={problems}
        disabled={disabled}
        onChange={(conditions) => onChange({ list, item: { ...group, conditions } })}
      />
      <SettledField
        label="Told to the person"
        optional
        multiline
        value={group.message ?? ""}
        placeholder="Like: A machine that costs more. Who is it for?"
        problem={problemAt(problems, placed.at, "message")}
        disabled={disabled}
        onSettle={(text) =>
          onChange({ list, item: withField(group, "message", text.trim() === "" ? undefined : text) })
        }
      />
      <SettledField
        label="Waits, in minutes"
        optional
        numeric
        value={group.timeout === undefined ? "" : String(group.timeout / secondsAMinute)}
        placeholder={String(approvalTimeoutS / secondsAMinute)}
        hint={
          group.timeout === undefined
            ? `${capital(durationWords(approvalTimeoutS))} unless you say otherwise; then the call is refused`
            : `After ${durationWords(group.timeout)} the call is refused`
        }
        problemOf={(text) => (text.trim() === "" ? null : numberProblem(waitBounds)(text))}
        problem={problemAt(problems, placed.at, "timeout")}
        disabled={disabled}
        onSettle={(text) => {
          if (text.trim() === "") return onChange({ list, item: withField(group, "timeout", undefined) });
          const read = readNumber(text, waitBounds);
          if (!read.ok) return;
          onChange({ list, item: withField(group, "timeout", Math.max(1, Math.round(read.value * secondsAMinute))) });
        }}
      />
    </>
  );
}
