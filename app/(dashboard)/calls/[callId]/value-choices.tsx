import type { Condition } from "../../../../policy/schema.ts";
import type { Choice } from "./rule-choices.ts";

/** Which of the recorded values the rule asks about. */
export function ValueChoices({
  choice,
  values,
  missing,
  left,
  onLeave,
}: {
  choice: Choice;
  values: readonly Condition[];
  /** Arguments whose values are not on record. */
  missing: readonly string[];
  /** Paths that the rule leaves out. */
  left: ReadonlySet<string>;
  onLeave: (left: ReadonlySet<string>) => void;
}) {
  function toggle(path: string) {
    const next = new Set(left);
    if (!next.delete(path)) next.add(path);
    onLeave(next);
  }

  return (
    <div className="mt-4 grid gap-2 text-sm">
      {values.length === 0 ? (
        <p className="text-ink-muted">
          No single value of this call is on record.{" "}
          {choice === "condition" &&
            "The rule below is a start that refuses every call: say in the builder what may pass."}
        </p>
      ) : (
        <fieldset className="grid gap-1.5">
          <legend className="mb-1.5 font-medium">
            {choice === "condition" ? "Allow it only when all of these are so" : "Deny it when all of these are so"}
          </legend>
          {values.map(({ path, value }) => (
            <label key={path} className="flex min-w-0 items-baseline gap-2">
              <input
                type="checkbox"
                className="accent-(--accent)"
                checked={!left.has(path)}
                onChange={() => toggle(path)}
              />
              <span className="min-w-0 font-mono text-xs [overflow-wrap:anywhere]">
                {path} = {JSON.stringify(value)}
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {missing.length > 0 && (
        <p className="text-ink-muted [overflow-wrap:anywhere]">
          Not on record, so not in the rule: <span className="font-mono text-xs">{missing.join(", ")}</span>
        </p>
      )}
      <p className="text-ink-muted text-xs">That you read these values is on the audit log.</p>
    </div>
  );
}
