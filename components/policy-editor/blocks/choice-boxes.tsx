import { isDeepEqual } from "../../../policy/deep-equal.ts";
import { cn } from "../../ui/cn.ts";
import type { Trouble } from "./block-change.ts";
import { TroubleLine } from "./trouble-notes.tsx";

/** The values that a schema lists, as boxes to tick. */
export function ChoiceBoxes({
  label,
  choices,
  labelOf,
  isUnknown,
  chosen,
  disabled,
  problem,
  onChange,
}: {
  label: string;
  choices: readonly unknown[];
  labelOf: (choice: unknown) => string;
  /** It stands in the policy and the schema does not have it. */
  isUnknown: (choice: unknown) => boolean;
  chosen: readonly unknown[];
  disabled?: boolean;
  problem: Trouble | null;
  onChange: (chosen: unknown[]) => void;
}) {
  const isChosen = (choice: unknown) => chosen.some((one) => isDeepEqual(one, choice));
  return (
    <fieldset aria-label={label} className="grid gap-1">
      <div className="grid max-h-44 gap-px overflow-y-auto rounded-md border p-1">
        {choices.map((choice) => (
          <label
            key={JSON.stringify(choice)}
            className={cn(
              "flex min-h-6.5 cursor-pointer items-center gap-2 rounded px-1.5 text-ink text-sm hover:bg-raised",
              disabled && "cursor-not-allowed opacity-55",
            )}
          >
            <input
              type="checkbox"
              className="size-3.5 shrink-0 accent-accent"
              checked={isChosen(choice)}
              disabled={disabled}
              // What was there keeps its order, what is new goes behind it.
              onChange={(event) =>
                onChange(event.target.checked ? [...chosen, choice] : chosen.filter((one) => !isDeepEqual(one, choice)))
              }
            />
            <span className="min-w-0 truncate">{labelOf(choice)}</span>
            {isUnknown(choice) && <span className="ml-auto shrink-0 text-warn text-xs">not in the schema</span>}
          </label>
        ))}
      </div>
      <TroubleLine trouble={problem} />
    </fieldset>
  );
}
