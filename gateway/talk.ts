// One exchange of a session with its upstream: what belongs to it, and how it is relayed.

import type { ServerResponse } from "node:http";
import { reachable } from "../policy/reachable.ts";
import type { MethodGroup } from "../policy/server-settings.ts";
import type { Forwarded } from "./call.ts";
import { type Caller, callerOfGrant } from "./caller.ts";
import { categoryOf } from "./category.ts";
import type { Dialogue } from "./dialogue.ts";
import type { Era } from "./era.ts";
import type { View } from "./list.ts";
import type { Exchanged, House } from "./message.ts";
import { otherRefusal, refusals, rpcError, toolRefusal } from "./refusals.ts";
import { type Plan, relay } from "./relay.ts";
import type { Session } from "./session.ts";
import type { ExchangeRequest } from "./upstream/upstream.ts";
import { openVet, type Vet, type Vetting } from "./vet.ts";
import { viewFor } from "./view.ts";

export type Talk = {
  era: Era;
  session: Session | null;
  /** What is said in the session; null where there is none. */
  dialogue: Dialogue | null;
  /** The client's request that is answered, in the one spelling of its id; null when none is. */
  requestId: string | null;
  /** The tool that it calls; null when it is no call. */
  tool: string | null;
  /** Null when the server must not be reached. */
  request: ExchangeRequest | null;
  /** Whether it is one of those that are answered while frozen too. */
  goesOn: boolean;
  /** The client was shown the page where a person approves this call, and makes it again. */
  wasAsked?: true;
};

/** The session as its upstream knows it now. */
export function upstreamSession(session: Session | null, { renewals }: House): { upstreamId: string | null } | null {
  return session && { upstreamId: renewals.idOf(session) };
}

export function planFor({ caller, response }: Exchanged, talk: Talk, house: House): Plan {
  return new TalkPlan(caller, response, talk, house);
}

// A class, and the vet's other side too, as one is made for every request: of closures each would cost several objects.
class TalkPlan implements Plan, Vetting {
  readonly response: ServerResponse;
  kind: Plan["kind"] = "other";
  isBegun = false;
  welcome: Plan["welcome"] = undefined;
  eventTag: string | null;
  readonly vet: Vet;
  readonly streams: Plan["streams"];
  readonly underWay: Plan["underWay"];
  readonly tokenHash: string;

  readonly era: Era;
  readonly requestId: string | null;
  readonly tool: string | null;
  readonly dialogue: Dialogue | null;

  private readonly caller: Caller;
  private readonly talk: Talk;
  private readonly house: House;

  constructor(caller: Caller, response: ServerResponse, talk: Talk, house: House) {
    const { session, dialogue } = talk;
    this.response = response;
    this.eventTag = session?.tag ?? null;
    this.streams = house.streams;
    this.underWay = house.underWay;
    this.tokenHash = caller.grant.tokenHash;
    this.era = talk.era;
    this.requestId = talk.requestId;
    this.tool = talk.tool;
    this.dialogue = dialogue;
    this.caller = caller;
    this.talk = talk;
    this.house = house;
    this.vet = openVet(this);
  }

  view(): View {
    const { caller, house } = this;
    return viewFor(caller, house.policies, house.sight);
  }

  sealEventId(tag: string, eventId: string): string {
    return this.house.sessions.sealEventId(tag, eventId, this.requestId);
  }

  farewell(): string | null {
    return this.talk.goesOn ? null : farewell(this.talk);
  }

  noteTask(taskId: string, tool: string): void {
    const { caller, house } = this;
    house.tasks.note({ serverId: caller.server.id, taskId, tool, grantId: caller.grant.id, at: house.clock.now() });
  }

  isOwnTask(taskId: string): boolean {
    return isOwnTask(taskId, this.caller, this.house);
  }

  refused(): ReadonlySet<MethodGroup> {
    const { caller, house } = this;
    const { snapshot } = house.policies;
    const grant = snapshot?.grants.get(caller.grant.id);
    return ((snapshot && grant && callerOfGrant(grant, snapshot)) ?? caller).server.refused;
  }

  refuse(id: string): void {
    refuseQuestion(id, this.talk, this.house);
  }
}

/** What a stream is told last when a freeze ends it: the answer that is due on it, or a word to whoever only listens. */
function farewell({ era, requestId, tool }: Talk): string {
  if (requestId === null) {
    const params = {
      level: "warning",
      logger: "policylayer",
      data: { code: "frozen", message: refusals.frozen.sentence },
    };
    return JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params });
  }
  if (tool === null) return otherRefusal(requestId, "frozen");
  const message = `${refusals.frozen.sentence} The call may have taken effect, or may still.`;
  return toolRefusal(requestId, era, tool, { code: "frozen", message, rule: "(frozen)", decisionId: null });
}

/** Whether a task was begun by this grant's own call of a tool that it may still call. */
export function isOwnTask(taskId: string | null, { grant, server, policy }: Caller, { tasks }: House): boolean {
  const task = taskId === null ? null : tasks.find(server.id, taskId);
  if (task === null || task.grantId !== grant.id || typeof policy === "string") return false;
  if (policy.policy === null) return false;
  if (policy.mode === "shadow") return true;
  const category = categoryOf(server, task.tool) ?? "Other";
  const [reach] = reachable(policy.policy, [{ name: task.tool, category }]);
  return reach !== undefined && reach.reach !== "never";
}

/** Whoever asks waits; that nobody will answer is better known at once. */
function refuseQuestion(id: string, { session, request }: Talk, { upstreams, renewals }: House): void {
  const upstreamId = session && renewals.idOf(session);
  if (request === null || session === null) return;
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": session.version,
    ...(upstreamId === null ? {} : { "mcp-session-id": upstreamId }),
  };
  const body = Buffer.from(rpcError(id, -32601, "Method not found"));
  const { server, grantId } = request;
  upstreams.exchange(
    { server, grantId, method: "POST", headers, body },
    { onHeaders() {}, onData() {}, onEnd() {}, onTrouble() {} },
  );
}

/** @param isSafe Whether it may be made again in a session of the upstream that remembers nothing. */
export function forwarded({ session, request }: Talk, plan: Plan, isSafe: boolean, house: House): Promise<Forwarded> {
  if (request === null) return Promise.resolve(notSent("upstream_failed"));
  const mayBeForgotten = session?.initialize != null && request.method !== "DELETE";
  const upstreams = mayBeForgotten ? house.renewals.around(house.upstreams, session, isSafe) : house.upstreams;
  return relay(upstreams, request, plan);
}

export function notSent(trouble: NonNullable<Forwarded["trouble"]>): Forwarded {
  return { outcome: "not_sent", upstreamStatus: null, upstreamMs: null, trouble };
}

/** What an `initialize` says, for a server of sessions that may forget them. */
export function initializeOf(request: ExchangeRequest | null): string | null {
  if (request?.server.transport !== "http" || request.server.era === "sse" || request.body === undefined) return null;
  const { params } = JSON.parse(request.body.toString("utf8")) as { params?: unknown };
  return params === undefined ? null : JSON.stringify(params);
}
