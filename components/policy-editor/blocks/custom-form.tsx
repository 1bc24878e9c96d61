"use client";
import type { PlacedBlock } from "../../../policy/blocks.ts";
import type { Problem } from "../../../policy/problems.ts";
import { type BlockChange, problemAt } from "./block-change.ts";
import { customChange, customProblem } from "./custom-block.ts";
import { SettledField } from "./settled-field.tsx";

/** What no form can say, as its JSON. Only what the language can read goes into the policy; the text stays until it is. */
export function CustomForm({
  placed,
  problems,
  disabled,
  onChange,
}: {
  placed: PlacedBlock;
  problems: readonly Problem[];
  disabled: boolean;
  onChange: (change: BlockChange) => void;
}) {
  return (
    <SettledField
      label="JSON"
      multiline
      mono
      value={JSON.stringify(placed.item, null, 2)}
      problemOf={(text) => customProblem(placed.list, text)}
      problem={problemAt(problems, placed.at, "")}
      hint="No form says all of this, so it is edited as it stands. It goes into the policy when it can be read."
      disabled={disabled}
      onSettle={(text) => {
        const change = customChange(placed.list, text);
        if (change) onChange(change);
      }}
    />
  );
}
