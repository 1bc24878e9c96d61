// Calls that wait for a person. Whoever decides writes to Postgres; nothing that reaches this process from a caller can. A call
// whose client may be kept waiting is held, and goes on the moment somebody decides: the notice wakes it, and what it may then do
// is asked of Postgres anew.
import type { RiskCategory } from "../catalog/schema.ts";
import type { SecretKeys } from "../prisma/secrets.ts";
import { followNotices } from "./approval-notices.ts";
import { type ApprovalStore, openApprovalStore, type Parked } from "./approval-store.ts";
import type { Bound } from "./binding.ts";
import { newDecisionId } from "./decision-id.ts";
import type { Hold } from "./hold.ts";
import type { Log } from "./log.ts";
import type { RefusalCode } from "./refusals.ts";

/** What a person is asked. */
export type Question = Bound & {
  binding: string;
  organisationId: string;
  sessionTag: string | null;
  clientName: string | null;
  category: RiskCategory;
  /** The raw arguments: JSON text. */
  argumentsText: string;
  argumentKeys: string[];
  rule: string;
  message: string;
  timeoutS: number;
};

/** Where the agent's people find the question. */
export type ApprovalNotice = { id: string; url: string; expiresAt: Date };

export type PersonAnswer =
  /** It is used up for this call; `edited` goes in place of the arguments. */
  | { kind: "approved"; id: string; edited: string | null }
  /** Something it depends on has changed: the call has to be decided anew. */
  | { kind: "again" }
  | { kind: "refused"; code: RefusalCode; message: string; approvalId: string | null; notice: ApprovalNotice | null };

export type Approvals = {
  /**
   * Uses an approval of this very call, or asks for one. With `hold` the answer may take until a person has decided.
   *
   * @param callId What is on record for whoever approved it.
   */
  ask(question: Question, callId: string, hold: Hold | null): Promise<PersonAnswer>;
  /** The call that used an approval was not made: it may be used once more. */
  unuse(id: string, callId: string): void;
  /** The configuration has changed: calls that are held are looked at again. */
  recheck(): void;
  /**
   * A client does not want a call any more.
   *
   * @param isHere Whether the call is known to be under way here, so that no other gateway can hold it.
   * @returns Whether it was held here.
   */
  cancel(grantId: string, sessionTag: string | null, requestId: string, isHere: boolean): boolean;
  heldCalls(isCounted?: (grantId: string) => boolean): number;
  close(): Promise<void>;
};

export type ApprovalsOptions = { databaseUrl: string; keys: SecretKeys; publicUrl: string; log: Log };

/** How many calls one gateway holds; others hear at once that a person is asked. */
const heldMax = { ofAll: 2_000, ofGrant: 1_000 };
const pollMs = 2_000;
const sweepMs = 5_000;

type Why = "decided" | "changed" | "gone" | "time";
type Waiting = { id: string; hold: Hold; wake(why: Why): void };

export function openApprovals(options: ApprovalsOptions): Approvals {
  const { databaseUrl, keys, publicUrl, log } = options;
  const store: ApprovalStore = openApprovalStore(databaseUrl, keys);
  const waiting = new Set<Waiting>();
  let closed = false;
  let isAway = false;
  let rounds = 0;

  const notices = followNotices(databaseUrl, log, {
    onDecided: (id) => {
      for (const one of waiting) if (one.id === id) one.wake("decided");
    },
    onCancelled: (grantId, sessionTag, requestId) => void drop(grantId, sessionTag, requestId),
  });

  // A net under the notices: one may be lost with the connection it would have come by.
  const polling = setInterval(() => void poll(), pollMs);
  polling.unref();

  async function poll(): Promise<void> {
    rounds += 1;
    try {
      const ids = [...new Set([...waiting].map(({ id }) => id))];
      if (ids.length > 0) {
        for (const { id } of await store.settled(ids)) {
          for (const one of waiting) if (one.id === id) one.wake("decided");
        }
      }
      if ((rounds * pollMs) % sweepMs < pollMs) await store.sweep();
      if (isAway) log.info({}, "the approvals can be read again");
      isAway = false;
    } catch (cause) {
      noteAway(cause);
    }
  }

  function noteAway(cause: unknown): void {
    if (!isAway && !closed)
      log.warn({ cause: String(cause) }, "the approvals cannot be read: calls that need one are denied");
    isAway = true;
  }

  function drop(grantId: string, sessionTag: string | null, requestId: string): boolean {
    let found = false;
    for (const { hold } of waiting) {
      if (hold.grantId !== grantId || hold.sessionTag !== sessionTag || hold.requestId !== requestId) continue;
      hold.cancel();
      found = true;
    }
    return found;
  }

  function hasRoom(grantId: string): boolean {
    if (waiting.size < heldMax.ofGrant) return true;
    return waiting.size < heldMax.ofAll && countHeld((other) => other === grantId) < heldMax.ofGrant;
  }

  function countHeld(isCounted: (grantId: string) => boolean): number {
    let count = 0;
    for (const { hold } of waiting) if (isCounted(hold.grantId)) count += 1;
    return count;
  }

  function noticeOf({ id, expiresAt }: { id: string; expiresAt: Date }): ApprovalNotice {
    return { id, url: `${publicUrl}/approvals/${id}`, expiresAt };
  }

  function stillWaits(question: Question, parked: Extract<Parked, { kind: "parked" }>): PersonAnswer {
    const notice = noticeOf(parked);
    const until = `${parked.expiresAt.toISOString().slice(0, 16).replace("T", " ")} UTC`;
    const message = `${asSentence(question.message)} A person has to approve this call: ${notice.url} (until ${until}). Make the same call again with the same arguments once it is approved.`;
    return { kind: "refused", code: "approval_required", message, approvalId: parked.id, notice };
  }

  /** Waits for the decision. @returns what to do next. */
  async function held(question: Question, parked: Extract<Parked, { kind: "parked" }>, hold: Hold) {
    const leftMs = hold.leftMs();
    const why = await wokenBy(parked, hold, Math.min(leftMs, parked.msLeft + 50));
    if (why !== "decided" && ![...waiting].some(({ id }) => id === parked.id)) {
      store.release(parked.id).catch(noteAway);
    }
    if (why === "gone") return gone(parked.id);
    if (why !== "time") return { kind: "again" } as const;
    return parked.msLeft <= leftMs && !closed ? "expired" : stillWaits(question, parked);
  }

  function wokenBy(parked: { id: string; expiresAt: Date }, hold: Hold, msMax: number): Promise<Why> {
    return new Promise((resolve) => {
      const end = (why: Why) => {
        clearTimeout(timer);
        stop();
        waiting.delete(one);
        resolve(why);
      };
      const one: Waiting = { id: parked.id, hold, wake: end };
      const timer = setTimeout(() => end("time"), msMax);
      const stop = hold.wait(noticeOf(parked), () => end("gone"));
      waiting.add(one);
      if (hold.isGone) end("gone");
      else if (closed) end("time");
      else if (notices.hasSettled(parked.id)) end("decided");
      else if (!hold.stillStands()) end("changed");
    });
  }

  return {
    async ask(question, callId, hold) {
      try {
        const found = await store.use(question, callId);
        if (found.kind === "used") {
          if (hold === null || !hold.isGone) return { kind: "approved", id: found.id, edited: found.edited };
          // It was decided while its client left: the approval is good for another try.
          void store.unuse(found.id, callId).catch(noteAway);
          return gone(found.id);
        }
        if (found.kind === "denied") return denied(found.id, found.reason);
        const mayHold = hold !== null && !closed && hold.leftMs() > 0 && (hold.isBegun || hasRoom(hold.grantId));
        if (hold?.isGone) return gone(null);
        const parked = await store.park(
          question,
          newDecisionId(Date.now()),
          mayHold ? hold.leftMs() : 0,
          !hold?.isBegun,
        );
        if (parked.kind === "approved") return { kind: "again" };
        if (parked.kind === "full") {
          const message = "Too many calls wait for a person already. Try again when some of them are decided.";
          return { kind: "refused", code: "approvals_full", message, approvalId: null, notice: null };
        }
        if (!mayHold) return stillWaits(question, parked);
        const next = await held(question, parked, hold);
        if (next !== "expired") return next;
        const last = await store.use(question, callId);
        if (last.kind === "used" && !hold.isGone) return { kind: "approved", id: last.id, edited: last.edited };
        if (last.kind === "used") void store.unuse(last.id, callId).catch(noteAway);
        if (last.kind === "denied") return denied(last.id, last.reason);
        const message = `${asSentence(question.message)} Nobody approved this call in time, so it was not made. Make it again to ask once more.`;
        return { kind: "refused", code: "approval_expired", message, approvalId: parked.id, notice: null };
      } catch (cause) {
        noteAway(cause);
        const message = "Approvals cannot be looked up right now, so nothing that needs one is allowed.";
        return { kind: "refused", code: "approval_unavailable", message, approvalId: null, notice: null };
      }
    },
    unuse(id, callId) {
      // When Postgres cannot be told, the approval stays used: better asked for twice than used twice.
      store.unuse(id, callId).catch(noteAway);
    },
    recheck() {
      for (const one of waiting) if (!one.hold.stillStands()) one.wake("changed");
    },
    cancel(grantId, sessionTag, requestId, isHere) {
      const found = drop(grantId, sessionTag, requestId);
      // A session's requests need not all come to the same gateway.
      if (!found && !isHere) store.tellCancelled(JSON.stringify({ grantId, sessionTag, requestId })).catch(noteAway);
      return found;
    },
    heldCalls: (isCounted) => (isCounted === undefined ? waiting.size : countHeld(isCounted)),
    async close() {
      closed = true;
      clearInterval(polling);
      // They hear that they have to make the call again.
      for (const one of waiting) one.wake("time");
      await notices.close();
      await store.close();
    },
  };
}

function denied(id: string, reason: string | null): PersonAnswer {
  const words = reason === null || reason.trim() === "" ? "" : ` Their reason: ${reason.trim()}`;
  const message = `A person denied this call.${words}`;
  return { kind: "refused", code: "approval_denied", message, approvalId: id, notice: null };
}

function gone(approvalId: string | null): PersonAnswer {
  const message = "The client went away before a person had decided, so the call was not made.";
  return { kind: "refused", code: "approval_required", message, approvalId, notice: null };
}

/** An owner's words may end without a full stop; ours follow. */
function asSentence(text: string): string {
  return /[.!?…]\s*$/.test(text) ? text : `${text}.`;
}
