import type { ChangeGrade } from "../../catalog/definition-change.ts";
import { Badge, type BadgeTone } from "../ui/badge.tsx";

type Words = { label: string; tone: BadgeTone; title: string };

const looks: Record<ChangeGrade, Words> = {
  new: { label: "New", tone: "accent", title: "Nothing was accepted under this name" },
  gone: { label: "Gone", tone: "neutral", title: "The server stopped listing it" },
  required_parameter_added: {
    label: "Required parameter",
    tone: "high",
    title: "An argument has to be given that did not have to be before",
  },
  parameter_removed: { label: "Parameter removed", tone: "high", title: "An argument is not there any more" },
  type_narrowed: { label: "Takes less", tone: "warn", title: "Values are refused that were taken before" },
  enum_changed: { label: "Choices changed", tone: "high", title: "An argument has other choices" },
  type_widened: { label: "Takes more", tone: "high", title: "Values are taken that were refused before" },
  optional_parameter_added: {
    label: "Optional parameter",
    tone: "warn",
    title: "An argument may be given that is new",
  },
  hint_flipped: { label: "Hint changed", tone: "high", title: "What it says of its own harmlessness is different" },
  output_schema: { label: "Output schema", tone: "neutral", title: "It says that it answers with something else" },
  wording: { label: "Wording", tone: "warn", title: "Agents are told something else" },
  other: { label: "Other field", tone: "neutral", title: "Something else in the definition is different" },
};

/** What kind of change it is, the gravest first. */
export function GradeBadges({ grades }: { grades: readonly ChangeGrade[] }) {
  return (
    <span className="flex flex-wrap gap-1">
      {grades.map((grade) => {
        const { label, tone, title } = looks[grade];
        return (
          <Badge key={label} tone={tone} title={title}>
            {label}
          </Badge>
        );
      })}
    </span>
  );
}
