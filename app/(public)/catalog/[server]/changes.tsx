import Link from "next/link";
import { toolPath } from "../../../../catalog/address.ts";
import type { ChangeGrade } from "../../../../catalog/definition-change.ts";
import type { CatalogEventRow } from "../../../api/v1/catalog-schemas.ts";
import { Day } from "../_parts/facts.tsx";
import { Name } from "../_parts/say.tsx";
import { visible } from "../_parts/visible.ts";

/** What happened to the server and its tools, newest first. */
export function Changes({ slug, events }: { slug: string; events: readonly CatalogEventRow[] }) {
  return (
    <ol aria-label="Changes" className="divide-y overflow-hidden rounded-lg border bg-surface">
      {events.map((event) => (
        <li key={event.id} className="flex flex-wrap justify-between gap-x-6 gap-y-0.5 px-4 py-2.5 text-sm">
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {event.tool === null ? (
              whatHappened(event)
            ) : (
              <>
                <Link href={toolPath(slug, event.tool)} prefetch={false} className="rounded hover:underline">
                  <Name text={event.tool} />
                </Link>{" "}
                {whatHappened(event)}
              </>
            )}
          </span>
          <span className="text-ink-muted text-xs">
            <Day at={event.at} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function whatHappened({ kind, fromVersion, toVersion, grades }: CatalogEventRow): string {
  const versions = [fromVersion, toVersion].filter((version) => version !== null).map(visible);
  const at = versions.length === 2 && versions[0] !== versions[1] ? ` (${versions.join(" → ")})` : "";
  switch (kind) {
    case "server_added":
      return "The server came into the catalog.";
    case "version_changed":
      return `A new version was listed${at}.`;
    case "tool_added":
      return `is new${at}.`;
    case "tool_removed":
      return `is no longer in the list${at}.`;
    case "tool_changed":
      return `has another definition${at}${grades.length === 0 ? "" : `: ${grades.map((grade) => gradeWords[grade]).join(", ")}`}.`;
  }
}

const gradeWords: Record<ChangeGrade, string> = {
  new: "new",
  gone: "gone",
  required_parameter_added: "an argument is required now",
  parameter_removed: "an argument is gone",
  type_narrowed: "an argument takes less",
  enum_changed: "other values are offered",
  type_widened: "an argument takes more",
  optional_parameter_added: "a new optional argument",
  hint_flipped: "a hint says the opposite",
  output_schema: "its results look different",
  wording: "other words",
  other: "something else in it",
};
