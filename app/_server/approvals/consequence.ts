// What approving does, for whoever is about to. Pure.
import type { RiskCategory } from "../../../catalog/risk.ts";

export type Outlook = {
  tool: string;
  category: RiskCategory;
  serverName: string | null;
  clientName: string | null;
  /** Until then a client waits on an open request; null when none does. */
  heldUntil: Date | null;
  now: Date;
  /** What it hangs on is not as it was when the call was made. */
  moved: "policy" | "definition" | "grant" | "frozen" | null;
  readable: boolean;
};

/** How long an approval may be used. */
export const useByMinutes = 10;

export function consequenceOf(outlook: Outlook): string {
  const { tool, serverName, clientName, heldUntil, now, moved, readable } = outlook;
  if (!readable) {
    return "Its arguments were sealed with a key that is gone, so nobody can see what would be done. It cannot be approved.";
  }
  if (moved !== null) return movedWords[moved];
  const agent = clientName ?? "The agent";
  const server = serverName ?? "its server";
  const waits = heldUntil !== null && heldUntil > now;
  const how = waits
    ? `${agent} is waiting on an open request: ${tool} goes to ${server} at once, and only once.`
    : `Nothing is done yet: ${agent} has to make the same call again within ${useByMinutes} minutes. It then goes to ${server}, and only once.`;
  return [how, stakes[outlook.category]].filter(Boolean).join(" ");
}

const movedWords: Record<NonNullable<Outlook["moved"]>, string> = {
  policy: "The policy has changed since the call was made, so approving it has no effect: the agent has to ask again.",
  definition:
    "The tool has changed since the call was made, so approving it has no effect: the agent has to ask again.",
  grant: "The grant that asked is not in use any more, so approving it has no effect.",
  frozen: "Calls are frozen: what you approve is refused until somebody releases them.",
};

const stakes: Partial<Record<RiskCategory, string>> = {
  Destructive: "It may delete or overwrite something for good.",
  Financial: "It may move or commit money.",
  Execute: "It runs something on the server's side.",
};
