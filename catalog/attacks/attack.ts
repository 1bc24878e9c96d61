import type { RiskCategory, ToolDefinition } from "../schema.ts";

/** What a policy and the gateway can do about a pattern: end it, bound its damage, or only make it show. */
export type AttackStanding = "stopped" | "contained" | "visible";

export const attackGroups = ["definitions", "supply", "content", "authority", "calls"] as const;
export type AttackGroup = (typeof attackGroups)[number];

export type Source = {
  title: string;
  url: string;
  /** As exact as it is known: `2025-04-01`, `2025-04` or `1988`. */
  date?: string;
};

/** A way in which agents with tools are abused, in our words. Every list is of sentences. */
export type Attack = {
  slug: string;
  title: string;
  oneLine: string;
  group: AttackGroup;
  standing: AttackStanding;
  /** How it goes on MCP, step by step. */
  mechanism: readonly string[];
  preconditions: readonly string[];
  /** Which tools it needs. */
  needs: readonly string[];
  detection: readonly string[];
  /** What a policy does about it. */
  containment: readonly string[];
  /** What the gateway does about it whatever the policy. */
  gateway: readonly string[];
  /** What neither can do. */
  limits: readonly string[];
  /** The pattern that contains it, as JSON text that can be published as it is; null where no policy does. */
  policy: string | null;
  demonstrations: readonly AttackDemonstration[];
  /** The test that plays it against a real gateway, `<file> › <name>`; null where the gateway has nothing to stop. */
  gatewayTest: string | null;
  /** Other tests that hold parts of what is said here. */
  furtherTests: readonly string[];
  sources: readonly Source[];
};

export type AttackDemonstration =
  | CallsDemonstration
  | DefinitionDemonstration
  | ClassificationDemonstration
  | ExchangeDemonstration;

type Shown = {
  title: string;
  /** What to look at. */
  about: string;
};

/** Calls that a policy decides. The page shows what the engine answers; `expect` is what tests hold it to. */
export type CallsDemonstration = Shown & { kind: "calls"; policy: string; calls: readonly DemonstrationCall[] };

export type DemonstrationCall = {
  tool: string;
  category: RiskCategory;
  arguments: Record<string, unknown>;
  /** Seconds after the first call. */
  atS: number;
  /** What the agent is up to. */
  about: string;
  /** The code of the decision. */
  expect: string;
  /** This grant's server has no such tool, so the gateway calls it unknown before it asks the policy. */
  elsewhere?: true;
  /** The gateway refuses the message as ambiguous JSON before it asks the policy. */
  atTheDoor?: true;
};

/** A tool's definition as it was accepted and as it is served now, and a call of it. */
export type DefinitionDemonstration = Shown & {
  kind: "definition";
  policy: string;
  /** JSON text. */
  before: string;
  after: string;
  call: Omit<DemonstrationCall, "atS" | "about">;
  expectGrades: readonly string[];
};

/** Definitions as the classifier reads them. */
export type ClassificationDemonstration = Shown & {
  kind: "classification";
  tools: readonly {
    definition: ToolDefinition;
    about: string;
    expect: RiskCategory;
    expectFindings: readonly string[];
  }[];
};

/** What is sent to the gateway and what it answers. A test sends each to a real gateway. */
export type ExchangeDemonstration = Shown & { kind: "exchanges"; exchanges: readonly Exchange[] };

export type Exchange = {
  id: string;
  about: string;
  /** The request's line and what matters of its headers. */
  sent: readonly string[];
  status: number;
  /** What the answer says, or what the server behind was sent. */
  answer: string;
};

/** A policy as JSON text, laid out as the editor does. */
export function policyText(document: object): string {
  return JSON.stringify(document, null, 2);
}
