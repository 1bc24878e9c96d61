import type { BadgeTone } from "@/components/ui/badge.tsx";
import type { AttackGroup, AttackStanding } from "../../../../catalog/attacks/attack.ts";

export const standingWords: Record<AttackStanding, { label: string; about: string; tone: BadgeTone }> = {
  stopped: {
    label: "Stopped",
    about: "The gateway or a policy ends it: what the attack needs does not happen.",
    tone: "ok",
  },
  contained: {
    label: "Contained",
    about: "It can still be tried, and a policy bounds what it can do.",
    tone: "warn",
  },
  visible: {
    label: "Made visible",
    about: "No policy ends it. What can be seen of it is shown, and the rest is up to you.",
    tone: "outline",
  },
};

export const groupWords: Record<AttackGroup, { title: string; about: string }> = {
  definitions: {
    title: "What a server says of its tools",
    about: "Names, descriptions and schemas are text that goes into the model's context.",
  },
  supply: { title: "Where a server comes from", about: "The right code, from the right people, in the right version." },
  content: {
    title: "What the agent reads, and where it can go",
    about: "Results hold orders and secrets, and every tool that sends is a way out.",
  },
  authority: {
    title: "Whose authority is used",
    about: "Tokens, sessions, roles, and servers that may do more than who asks them.",
  },
  calls: { title: "What the calls do", about: "With nobody's ill will, too: loss, cost, floods and worn-out people." },
};

export function attackPath(slug: string): string {
  return `/attacks/${slug}`;
}
