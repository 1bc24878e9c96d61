// What freezing and releasing does to a row: who, since when and why. One place for the brake and for a grant's own address.
import { actorOf } from "./audit.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";

export type Frozen = { frozenAt: Date | null; frozenBy: string | null; frozenReason: string | null };

/**
 * The columns to write; null when nothing changes. Freezing what is frozen changes nothing: the first time counts. Releasing needs
 * a reason, because whoever froze it had one.
 */
export function freezing(
  member: Member,
  before: Frozen,
  frozen: boolean | undefined,
  reason: string | undefined,
): Frozen | null | Refusal {
  const isFrozen = before.frozenAt !== null;
  if (frozen === undefined || frozen === isFrozen) return null;
  if (frozen) return { frozenAt: new Date(), frozenBy: actorOf(member).name, frozenReason: reason ?? null };
  if (reason === undefined) {
    return refuse("invalid_body", { errors: [{ pointer: "/reason", message: "is needed to unfreeze" }] });
  }
  return { frozenAt: null, frozenBy: null, frozenReason: null };
}
