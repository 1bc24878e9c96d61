import type { Policy } from "./compile.ts";
import type { Problem } from "./problems.ts";
import type { PolicyDocument } from "./schema.ts";

export type ParsedPolicy =
  | { ok: true; policy: Policy; document: PolicyDocument /** Warnings only. */; problems: Problem[] }
  | { ok: false; problems: Problem[] };

/** Reads, checks and compiles a policy document. Never throws. */
export function parsePolicy(_text: string): ParsedPolicy {
  throw new Error("not written yet");
}
