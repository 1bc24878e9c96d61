// The configuration that calls are decided by, in memory: rows of the database turned into what a decision needs.
import { type RiskCategory, riskCategories } from "../catalog/schema.ts";
import type { Policy } from "../policy/compile.ts";
import type { Mentions } from "../policy/recorded.ts";
import {
  type MethodGroup,
  type OnDefinitionChange,
  readOnDefinitionChange,
  refusedMethods,
} from "../policy/server-settings.ts";
import { open, type SecretKeys, type SecretPurpose } from "../prisma/secrets.ts";
import { type Accepted, type Change, type Changes, changesOf } from "./changes.ts";
import { KeptVersion } from "./kept-policy.ts";
import type { Log } from "./log.ts";
import type { Mentioned } from "./mentioned.ts";
import { shapeOf, type ToolShape } from "./tool-shape.ts";
import type { UpstreamServer } from "./upstream/upstream.ts";

export type ToolInForce = {
  category: RiskCategory;
  definitionHash: string;
  shape?: ToolShape;
  /** The owner's own category, when there is one. */
  override?: { category: RiskCategory; definitionHash: string };
};

export type ServerInForce = {
  id: string;
  organisationId: string;
  frozen: boolean;
  /** The tools that were accepted for it, as they were classified. What counts is `categoryOf`. */
  tools: ReadonlyMap<string, ToolInForce>;
  /** The hashes of the prompts (by name) and instructions that were accepted; null when nobody has looked at them yet. */
  words: Accepted["words"];
  /** What it was seen to serve besides; this gateway adds to it by itself. */
  changes: Changes;
  onDefinitionChange: OnDefinitionChange;
  /** Groups of methods that are not relayed. */
  refused: ReadonlySet<MethodGroup>;
  /** Null when its secrets cannot be opened: it must not be reached without them. */
  upstream: UpstreamServer | null;
  /** Whether the owner lets values of arguments be recorded. */
  logsArgumentValues: boolean;
  /** The arguments that are recorded with their values; null when none are. Set by `putMentions`. */
  mentions: Mentions | null;
};

export type PolicyInForce = {
  id: string;
  serverId: string;
  version: number;
  mode: "enforce" | "shadow";
  /** Null when the version cannot be enforced: then nothing is allowed. */
  readonly policy: Policy | null;
  /** A version that is evaluated beside it and decides nothing; null when there is none, or none that can be evaluated. */
  readonly shadow: { version: number; policy: Policy } | null;
  mentioned: Mentioned;
};

/** Made of a row: its versions are there, but perhaps not read yet. */
export type KeptPolicy = PolicyInForce & {
  readonly active: KeptVersion;
  readonly trial: KeptVersion | null;
};

export type GrantInForce = {
  id: string;
  organisationId: string;
  serverId: string;
  policyId: string | null;
  label: string;
  tokenHash: string;
  frozen: boolean;
  /** Milliseconds since the epoch. */
  expiresAt: number | null;
};

export type Snapshot = {
  /** The number of the configuration that this is. */
  epoch: bigint;
  organisations: Map<string, { frozen: boolean }>;
  servers: Map<string, ServerInForce>;
  policies: Map<string, PolicyInForce | KeptPolicy>;
  grants: Map<string, GrantInForce>;
  grantsByHash: Map<string, GrantInForce>;
};

export function emptySnapshot(epoch: bigint): Snapshot {
  return {
    epoch,
    organisations: new Map(),
    servers: new Map(),
    policies: new Map(),
    grants: new Map(),
    grantsByHash: new Map(),
  };
}

export type OrganisationRow = { id: string; frozenAt: Date | null };
export type ServerRow = {
  id: string;
  organisationId: string;
  transport: "http" | "stdio";
  url: string | null;
  command: string | null;
  args: string[] | null;
  sealedHeaders: string | null;
  sealedEnv: string | null;
  era: string | null;
  logArgumentValues: boolean;
  onDefinitionChange: string;
  methods: unknown;
  wordsPinned: boolean;
  frozenAt: Date | null;
  tools:
    | [
        name: string,
        category: string,
        definitionHash: string,
        shapedBy: string | null,
        overrideCategory: string | null,
        overrideHash: string | null,
      ][]
    | null;
  pins: [kind: string, name: string, definitionHash: string][] | null;
  changes: [kind: string, name: string, definitionHash: string, problem: string, state: string][] | null;
};
export type PolicyRow = {
  id: string;
  serverId: string;
  mode: "enforce" | "shadow";
  activeVersion: number;
  shadowVersion: number | null;
};
export type GrantRow = {
  id: string;
  organisationId: string;
  serverId: string;
  policyId: string | null;
  label: string;
  tokenHash: string;
  expiresAt: Date | null;
  revokedAt: Date | null;
  frozenAt: Date | null;
};

export function putGrant(snapshot: Snapshot, row: GrantRow): void {
  dropGrant(snapshot, row.id);
  if (row.revokedAt !== null) return; // its token is as unknown as one that never was
  const grant: GrantInForce = {
    id: row.id,
    organisationId: row.organisationId,
    serverId: row.serverId,
    policyId: row.policyId,
    label: row.label,
    tokenHash: row.tokenHash,
    frozen: row.frozenAt !== null,
    expiresAt: row.expiresAt?.getTime() ?? null,
  };
  snapshot.grants.set(grant.id, grant);
  snapshot.grantsByHash.set(grant.tokenHash, grant);
}

export function dropGrant(snapshot: Snapshot, id: string): void {
  const grant = snapshot.grants.get(id);
  if (grant === undefined) return;
  snapshot.grants.delete(id);
  snapshot.grantsByHash.delete(grant.tokenHash);
}

/** @param before What was in force for this server: kept where nothing changed, so its connections stay open. */
export function serverInForce(
  row: ServerRow,
  before: ServerInForce | undefined,
  keys: SecretKeys,
  log: Log,
): ServerInForce {
  const upstream = upstreamOf(row, keys, log);
  const isSame = JSON.stringify(upstream) === JSON.stringify(before?.upstream);
  const tools = new Map(
    (row.tools ?? []).map(([name, category, definitionHash, shapedBy, overrideCategory, overrideHash]) => {
      const shape = shapedBy === null ? null : shapeOf(shapedBy);
      const override =
        overrideCategory === null || overrideHash === null
          ? null
          : { category: knownCategory(overrideCategory), definitionHash: overrideHash };
      const tool: ToolInForce = { category: knownCategory(category), definitionHash };
      return [name, { ...tool, ...(shape && { shape }), ...(override && { override }) }];
    }),
  );
  const words = row.wordsPinned ? wordsOf(row.pins ?? []) : null;
  return {
    id: row.id,
    organisationId: row.organisationId,
    frozen: row.frozenAt !== null,
    tools,
    words,
    changes: changesOf((row.changes ?? []).flatMap(readChange), { tools, words }),
    onDefinitionChange: readOnDefinitionChange(row.onDefinitionChange),
    refused: refusedMethods(row.methods),
    upstream: isSame && before ? before.upstream : upstream,
    logsArgumentValues: row.logArgumentValues,
    mentions: null,
  };
}

function wordsOf(pins: NonNullable<ServerRow["pins"]>): Accepted["words"] {
  const prompts = pins.filter(([kind]) => kind === "prompt").map(([, name, hash]) => [name, hash] as const);
  const instructions = pins.filter(([kind]) => kind === "instructions").map(([, , hash]) => hash);
  return { prompts: new Map(prompts), instructions: new Set(instructions) };
}

/** A tool that is gone from the list is no reason to refuse anything. */
function readChange([kind, name, definitionHash, problem, state]: NonNullable<ServerRow["changes"]>[number]): Change[] {
  if (problem === "gone" || (kind !== "tool" && kind !== "prompt" && kind !== "instructions")) return [];
  const isUsable = problem !== "duplicate" && problem !== "look_alike" && problem !== "unreadable";
  const isRejected = state === "rejected";
  return [{ kind, name, definitionHash, problem: isUsable ? "changed" : problem, isRejected }];
}

/** A category that this gateway does not know is one that a rule for `Other` has to catch. */
function knownCategory(category: string): RiskCategory {
  return riskCategories.find((known) => known === category) ?? "Other";
}

const eras = ["legacy", "modern", "sse"] as const;

function upstreamOf(row: ServerRow, keys: SecretKeys, log: Log): UpstreamServer | null {
  const era: UpstreamServer["era"] = eras.find((known) => known === row.era) ?? null;
  const common = { id: row.id, organisationId: row.organisationId, era };
  const headers = opened(row.sealedHeaders, "upstream-headers", row.id, keys);
  const env = opened(row.sealedEnv, "upstream-env", row.id, keys);
  if (headers === null || env === null) {
    log.error({ serverId: row.id }, "the secrets of a server cannot be opened with this SECRET_KEY; it is not reached");
    return null;
  }
  if (row.transport === "http" && row.url !== null) return { ...common, transport: "http", url: row.url, headers };
  if (row.transport === "stdio" && row.command !== null) {
    return { ...common, transport: "stdio", command: row.command, args: row.args ?? [], env };
  }
  log.error({ serverId: row.id }, "a server has neither a URL nor a command; it is not reached");
  return null;
}

function opened(
  sealed: string | null,
  purpose: SecretPurpose,
  serverId: string,
  keys: SecretKeys,
): Record<string, string> | null {
  if (sealed === null) return {};
  const text = open(keys, purpose, sealed, serverId);
  return text === null ? null : (JSON.parse(text) as Record<string, string>);
}

/**
 * @param before What was in force: a version never changes, so it is not read twice.
 * @param documents The versions that were not in force before, by their number.
 */
export function policyInForce(
  row: PolicyRow,
  documents: ReadonlyMap<number, KeptVersion>,
  mentioned: Mentioned,
  before: PolicyInForce | KeptPolicy | undefined,
  log: Log,
): KeptPolicy {
  const { id, serverId, mode, activeVersion, shadowVersion } = row;
  const kept = (version: number) =>
    documents.get(version) ??
    versionsOf(before).get(version) ??
    new KeptVersion({ policyId: id, version, document: null }, log);
  const active = kept(activeVersion);
  const trial = shadowVersion === null ? null : kept(shadowVersion);
  return {
    ...{ id, serverId, version: activeVersion, mode, mentioned, active, trial },
    get policy() {
      return active.policy;
    },
    get shadow() {
      const policy = trial?.policy ?? null;
      return trial && policy && { version: trial.version, policy };
    },
  };
}

/** The versions that are kept of a policy, by their number. */
export function versionsOf(policy: PolicyInForce | KeptPolicy | undefined): Map<number, KeptVersion> {
  if (policy === undefined || !("active" in policy)) return new Map();
  return new Map([policy.active, policy.trial].flatMap((kept) => (kept ? [[kept.version, kept] as const] : [])));
}
