import type { ChangeGrade } from "../../../../catalog/definition-change.ts";
import type { CatalogEventRow } from "../../../api/v1/catalog-schemas.ts";
import { visible } from "./visible.ts";

/** What an event of the catalog says, of the server or, as the rest of a sentence, of a tool. */
export function whatHappened({ kind, fromVersion, toVersion, grades }: CatalogEventRow): string {
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
