// A call that a person has to approve: it reserves, asks, and once it has an answer is decided anew by what holds then. What was
// approved goes only while nothing of what it was approved under has changed.

import type { ApprovalNotice } from "./approvals.ts";
import { bindingOf, questionOf } from "./binding.ts";
import type { Call, World } from "./call.ts";
import type { Caller } from "./caller.ts";
import { decide, evaluateCall, policyIn, reserve, type Verdict } from "./decide.ts";
import { type RefusalCode, refusals } from "./refusals.ts";

/** A call whose fate is settled, as it is now: its caller, its arguments and its time may be others than it came with. */
export type Settled = {
  caller: Caller;
  call: Call;
  id: string;
  at: number;
  verdict: Verdict;
  /** The approval that has to do with it. */
  approvalId: string | null;
  /** Whether it used that approval up, which it gives back when it is not made. */
  isUsed: boolean;
  /** Where to go on from here. */
  notice: ApprovalNotice | null;
  waitedMs: number;
};

export type Asking = { caller: Caller; call: Call; id: string; at: number; verdict: Verdict };

/** A call cannot be sent round for ever by rules that change all the time. */
const roundsMax = 50;

export async function withPerson(first: Asking, world: World): Promise<Settled> {
  const began = world.now();
  let { caller, call, id, at, verdict } = first;
  const settled = (so: Verdict, more: Partial<Settled> = {}): Settled => {
    const nothing = { approvalId: null, isUsed: false, notice: null };
    return { caller, call, id, at, verdict: so, waitedMs: world.now() - began, ...nothing, ...more };
  };

  for (let round = 0; round < roundsMax; round += 1) {
    const { asks } = verdict;
    if (asks === undefined) return settled(verdict);
    // Limits come before people: nobody is asked about a call that does not fit.
    const room = await reserve(asks, false, at, world);
    if (room.code !== "allowed") return settled(room);
    const question = questionOf(caller, call, world.argumentsText(), asks);
    if (question === null) {
      world.giveBack(room.reserved, at);
      return settled(refused(asks.rule, "approval_unavailable"));
    }
    const answer = await world.askPerson(question, id);

    // From here to the journal in one go, at the time it is now: what was held while the call waited is given back, and taken
    // again for the call that goes.
    world.giveBack(room.reserved, at);
    at = Math.floor(world.now());
    if (answer.kind === "refused") {
      const { code, message, approvalId, notice } = answer;
      return settled(refused(asks.rule, code, message), { approvalId, notice });
    }
    const current = world.callerNow();
    if (current === null) {
      if (answer.kind === "approved") world.unuse(answer.id, id);
      return settled(refused("(policy)", "policy_unavailable"));
    }
    caller = current;
    if (answer.kind === "approved") {
      if (isBoundAs(question, caller)) return approved(answer, asks.rule);
      world.unuse(answer.id, id);
    }
    id = world.newId(at);
    verdict = await decide(caller, call, at, world);
  }
  return settled(refused("(policy)", "approval_unavailable"));

  async function approved({ id: approvalId, edited }: { id: string; edited: string | null }, rule: string) {
    const back = (so: Verdict) => {
      world.unuse(approvalId, id);
      return settled(so, { approvalId });
    };
    if (edited !== null) {
      const args = world.edit(edited);
      if (args === null) return back(refused(rule, "approval_unavailable"));
      call = { ...call, arguments: args };
    }
    const evaluated = evaluateCall(caller, call, policyIn(caller.policy), at);
    // It was approved: also when its new arguments would have to be.
    if (evaluated.code !== "allowed" && evaluated.code !== "approval_required") {
      return back({ ...evaluated, reserved: [], isTrial: false });
    }
    const taken = await reserve({ ...evaluated, rule }, false, at, world);
    if (taken.code !== "allowed") return back(taken);
    const message = edited === null ? "A person approved this call." : "A person changed and approved this call.";
    return settled({ ...taken, message }, { approvalId, isUsed: true });
  }
}

/** Whether the question would be the same one now. */
function isBoundAs(
  question: Parameters<typeof bindingOf>[0] & { binding: string },
  { policy, server }: Caller,
): boolean {
  if (typeof policy !== "object" || policy.mode === "shadow") return false;
  const definitionHash = server.tools.get(question.tool)?.definitionHash ?? null;
  const now = { ...question, definitionHash, policyId: policy.id, policyVersion: policy.version };
  return bindingOf(now) === question.binding;
}

function refused(rule: string, code: RefusalCode, message: string = refusals[code].sentence): Verdict {
  return { code, rule, message, reserved: [], isTrial: false };
}
