// The values of a call's arguments at rest: sealed by the gateway before they reach any disk, and bound to their call.
import type { RecordedArguments } from "../policy/recorded.ts";
import { open, type SecretKeys, seal } from "./secrets.ts";

const purpose = "call-arguments";

/** @param recorded `RecordedArguments` as JSON text. */
export function sealCallArguments(keys: SecretKeys, recorded: string, callId: string): string {
  return seal(keys, purpose, recorded, callId);
}

/** Null when they cannot be opened with these keys, or are not this call's. */
export function openCallArguments(keys: SecretKeys, sealed: string, callId: string): RecordedArguments | null {
  const text = open(keys, purpose, sealed, callId);
  return text === null ? null : (JSON.parse(text) as RecordedArguments); // we sealed it
}
