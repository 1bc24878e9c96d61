import type { Reach } from "../policy/reach.ts";
import { Badge, type BadgeTone } from "./ui/badge.tsx";

export const reachLabel: Record<Reach, string> = {
  freely: "freely",
  under_conditions: "limited",
  with_approval: "with approval",
  never: "never",
};

const looks: Record<Reach, { tone: BadgeTone; title: string }> = {
  freely: { tone: "outline", title: "Every call goes through" },
  under_conditions: { tone: "accent", title: "Within limits and conditions" },
  with_approval: { tone: "hold", title: "Each call waits for a person" },
  never: { tone: "neutral", title: "No call goes through" },
};

/** How a grant, or the one that gets furthest, reaches a tool. */
export function ReachBadge({ reach, unprotected = false }: { reach: Reach; unprotected?: boolean }) {
  const { tone, title } = looks[reach];
  return (
    <Badge tone={unprotected ? "danger" : tone} title={title}>
      {reachLabel[reach]}
    </Badge>
  );
}
