import { cn } from "@/components/ui/cn.ts";
import { type RiskCategory, riskCategories } from "../../../../catalog/risk.ts";

/** Worst first, as every list of categories here. */
export const worstFirst: readonly RiskCategory[] = ["Financial", "Destructive", "Execute", "Other", "Write", "Read"];

/** Surfaces, not text: the same in both themes, and apart from each other for most eyes. The numbers are always there too. */
const colours: Record<RiskCategory, string> = {
  Financial: "bg-[oklch(0.42_0.16_20)]",
  Destructive: "bg-[oklch(0.58_0.2_24)]",
  Execute: "bg-[oklch(0.7_0.16_50)]",
  Other: "bg-[oklch(0.6_0.13_292)]",
  Write: "bg-[oklch(0.82_0.14_90)]",
  Read: "bg-[oklch(0.68_0.12_158)]",
};

/** How the tools divide, at a glance. The numbers stand in `label`, and beside it where there is room. */
export function CategoryBar({ counts, className }: { counts: Record<RiskCategory, number>; className?: string }) {
  const total = riskCategories.reduce((sum, category) => sum + counts[category], 0);
  const present = worstFirst.filter((category) => counts[category] > 0);
  if (total === 0) return null;
  return (
    <span
      role="img"
      aria-label={present.map((category) => `${counts[category]} ${category}`).join(", ")}
      className={cn("flex gap-px overflow-hidden rounded-full bg-raised", className)}
    >
      {present.map((category) => (
        <span key={category} className={cn("min-w-1", colours[category])} style={{ flexGrow: counts[category] }} />
      ))}
    </span>
  );
}

/** The colour of a category in the bar. */
export function CategoryDot({ category }: { category: RiskCategory }) {
  return <span aria-hidden="true" className={cn("size-2 shrink-0 rounded-full", colours[category])} />;
}
