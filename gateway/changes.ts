// Definitions that a server was seen to serve and that nobody accepted, and what follows for its tools.
import type { OnDefinitionChange } from "../policy/server-settings.ts";

export type ChangeKind = "tool" | "prompt" | "instructions";
/** `changed`: another definition than the accepted one, or nothing is accepted under the name. The rest make a name unusable. */
export type ChangeProblem = "changed" | "duplicate" | "look_alike" | "unreadable";

export type Change = {
  kind: ChangeKind;
  /** Empty for instructions. */
  name: string;
  definitionHash: string;
  problem: ChangeProblem;
  isRejected: boolean;
};

/** What was accepted of a server. */
export type Accepted = {
  tools: ReadonlyMap<string, { definitionHash: string }>;
  /** Null: its prompts and instructions were never looked at, and are relayed as they come. */
  words: { prompts: ReadonlyMap<string, string>; instructions: ReadonlySet<string> } | null;
};

/** The changes of one server. Grows between two readings of the database, as the gateway sees more. */
export type Changes = {
  readonly keys: Set<string>;
  /** Accepted tools and prompts (as `kind name`) of which another definition waits for somebody to look at it. */
  readonly pending: Set<string>;
  /** Those that are out whatever the server's setting is: rejected, or not to be named or read without doubt. */
  readonly out: Set<string>;
  /** Hashes of instructions that were rejected. */
  readonly rejectedInstructions: Set<string>;
  /** Whether something that was accepted changed and nobody has looked at it yet. */
  waits: boolean;
};

export const changeKey = ({ kind, name, definitionHash }: Pick<Change, "kind" | "name" | "definitionHash">): string =>
  JSON.stringify([kind, name, definitionHash]);

const subject = (kind: ChangeKind, name: string) => `${kind} ${name}`;

export function changesOf(rows: Iterable<Change>, accepted: Accepted): Changes {
  const changes: Changes = {
    keys: new Set(),
    pending: new Set(),
    out: new Set(),
    rejectedInstructions: new Set(),
    waits: false,
  };
  for (const row of rows) addChange(changes, row, accepted);
  return changes;
}

/** Takes a change in, its consequences included. */
export function addChange(changes: Changes, change: Change, accepted: Accepted): void {
  changes.keys.add(changeKey(change));
  applyChange(changes, change, accepted);
}

/** The consequences of a change alone; they take no more room than what was accepted. */
export function applyChange(
  changes: Changes,
  { kind, name, definitionHash, problem, isRejected }: Change,
  accepted: Accepted,
): void {
  if (kind === "instructions") {
    if (isRejected) changes.rejectedInstructions.add(definitionHash);
    else changes.waits = true;
    return;
  }
  const isAccepted = kind === "tool" ? accepted.tools.has(name) : (accepted.words?.prompts.has(name) ?? false);
  if (isRejected) changes.out.add(subject(kind, name));
  // A name that is new is not offered, and harms nothing that was there before.
  if (!isAccepted) return;
  if (problem !== "changed") changes.out.add(subject(kind, name));
  changes.pending.add(subject(kind, name));
  if (!isRejected) changes.waits = true;
}

/** Whether a tool or a prompt is neither shown nor to be used because of its definition. */
export function isHeld(
  changes: Changes,
  setting: OnDefinitionChange,
  kind: Exclude<ChangeKind, "instructions">,
  name: string,
): boolean {
  const key = subject(kind, name);
  return changes.out.has(key) || (setting !== "serve" && changes.pending.has(key));
}

/** Whether the server was seen to serve something else under the name of an accepted tool. */
export function isChanged(changes: Changes, tool: string): boolean {
  return changes.pending.has(subject("tool", tool));
}

/** Whether a call is denied because of a changed definition: the tool's own, or, where the owner wants it so, any. */
export function isCallHeld(changes: Changes, setting: OnDefinitionChange, tool: string): boolean {
  return (setting === "block" && changes.waits) || isHeld(changes, setting, "tool", tool);
}
