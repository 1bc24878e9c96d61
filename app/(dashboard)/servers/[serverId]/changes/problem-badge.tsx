import type { ChangeAnswer } from "@/app/api/v1/schemas.ts";
import { GradeBadges } from "@/components/definition/grade-badges.tsx";
import { Badge } from "@/components/ui/badge.tsx";

const problems: Record<Exclude<ChangeAnswer["problem"], "changed" | "gone">, { label: string; title: string }> = {
  duplicate: { label: "Listed twice", title: "One list had this name more than once" },
  look_alike: { label: "Looks like another", title: "One list had two names that are easily confused" },
  unreadable: { label: "Not certain to read", title: "The definition can be read in more than one way" },
};

/** What kind of change it is, or why the name cannot be used. */
export function ProblemBadge({ change: { problem, grades } }: { change: Pick<ChangeAnswer, "problem" | "grades"> }) {
  if (problem === "changed" || problem === "gone") return <GradeBadges grades={grades} />;
  const { label, title } = problems[problem];
  return (
    <Badge tone="danger" title={title}>
      {label}
    </Badge>
  );
}
