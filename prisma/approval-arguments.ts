// The arguments of a call that waits for a person: what they are known by, and how they are kept, sealed and bound to their
// approval.
import { createHash } from "node:crypto";
import { canonicalDefinition } from "../catalog/definition.ts";
import { open, type SecretKeys, seal } from "./secrets.ts";

const purpose = "approval-arguments";

/**
 * SHA-256 (hex) of the canonical form of raw arguments: white space, the order of keys and the spelling of strings make no
 * difference, the digits of a number do.
 *
 * @param text JSON text.
 * @throws DefinitionError when it can be read in more than one way.
 */
export function argumentsDigest(text: string): string {
  return createHash("sha256").update(canonicalDefinition(text)).digest("hex");
}

/** @param text JSON text: the caller's arguments as they came, or the approver's in their place. */
export function sealApprovalArguments(keys: SecretKeys, text: string, approvalId: string): string {
  return seal(keys, purpose, text, approvalId);
}

/** The JSON text; null when it cannot be opened with these keys, or is not this approval's. */
export function openApprovalArguments(keys: SecretKeys, sealed: string, approvalId: string): string | null {
  return open(keys, purpose, sealed, approvalId);
}
