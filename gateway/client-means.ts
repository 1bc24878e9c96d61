// What a client says that it can do while a person is asked: wait and hear of progress, or show its user a page.
import { open, type SecretKeys, seal } from "../prisma/secrets.ts";
import type { ApprovalNotice } from "./approvals.ts";
import { Ambiguous, objectAt, onlyMember, skipSpace } from "./json-walk.ts";
import { decisionOf, type Refusal, rpcError } from "./refusals.ts";
import type { Session } from "./session.ts";

const firstWithPages = "2025-11-25";

/** The request's progress token as JSON text; null when it has none. */
export function progressTokenOf(text: string): string | null {
  return memberText(text, "progressToken", "params", "_meta");
}

/** The id of the request that a `notifications/cancelled` names, as JSON text. */
export function cancelledRequestOf(text: string): string | null {
  return memberText(text, "requestId", "params");
}

/** Whether this request's client shows pages to its user (2026-07-28: each request says so). */
export function showsPagesModern(text: string): boolean {
  const path = ["params", "_meta", "io.modelcontextprotocol/clientCapabilities", "elicitation", "url"];
  return hasObject(text, ...path);
}

/** Whether an `initialize` says so. */
export function saysItShowsPages(initialize: string): boolean {
  return hasObject(initialize, "params", "capabilities", "elicitation", "url");
}

function memberText(text: string, name: string, ...path: string[]): string | null {
  try {
    const object = objectAt(text, skipSpace(text, 0), ...path);
    const found = object === null ? null : onlyMember(text, object, name);
    return found === null ? null : text.slice(found.from, found.to);
  } catch (cause) {
    if (cause instanceof Ambiguous) return null; // it says nothing that can be relied on
    throw cause;
  }
}

function hasObject(text: string, ...path: string[]): boolean {
  try {
    return objectAt(text, skipSpace(text, 0), ...path) !== null;
  } catch (cause) {
    if (cause instanceof Ambiguous) return false;
    throw cause;
  }
}

export function showsPagesLegacy(session: Session | null): boolean {
  return session?.showsPages === true && session.version >= firstWithPages;
}

type Asked = Refusal & { approval: ApprovalNotice };

const askWords = "A person has to approve this call. Open the page to decide, or ask somebody who may.";

/** 2025-11-25: the error that asks the client to open a page and make the call again. @param id JSON text. */
export function pageRequired(id: string, refusal: Asked): string {
  const { id: elicitationId, url } = refusal.approval;
  const elicitations = [{ mode: "url", elicitationId, url, message: askWords }];
  return rpcError(id, -32042, refusal.message ?? askWords, {
    elicitations,
    "policylayer/decision": decisionOf(refusal),
  });
}

/** 2026-07-28: the result that asks the same. What we want to hear again says only that the page was shown. */
export function inputRequired(id: string, refusal: Asked, keys: SecretKeys, grantId: string): string {
  const { url } = refusal.approval;
  const request = { method: "elicitation/create", params: { mode: "url", message: askWords, url } };
  return `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify({
    resultType: "input_required",
    inputRequests: { "policylayer/approval": request },
    requestState: sealState(refusal.approval, keys, grantId),
    _meta: { "policylayer/decision": decisionOf(refusal) },
  })}}`;
}

const purpose = "approval-request-state";
const prefix = "policylayer.";

function sealState({ id, expiresAt }: ApprovalNotice, keys: SecretKeys, grantId: string): string {
  return `${prefix}${seal(keys, purpose, JSON.stringify({ id, until: expiresAt.getTime() }), grantId)}`;
}

/** Whether a state that a client repeats is one of ours; `forged` when it only looks like it, or has had its time. */
export function isOurState(state: string, keys: SecretKeys, grantId: string, now: number): boolean | "forged" {
  if (!state.startsWith(prefix)) return false;
  const text = open(keys, purpose, state.slice(prefix.length), grantId);
  if (text === null) return "forged";
  const { until } = JSON.parse(text) as { until: number };
  return now < until + stateKeptMs ? true : "forged";
}

/** An approval that was given late may still be used for a while. */
const stateKeptMs = 60 * 60 * 1_000;
