// The rules that can be written from a call, as edits of a draft.
import type { CallAnswer, ToolAnswer } from "@/app/api/v1/schemas.ts";
import type { Edit } from "../../../../policy/edit.ts";
import { dropBlock } from "../../../../policy/new-block.ts";
import { parsePolicy } from "../../../../policy/parse.ts";

export const choices = {
  allow: { label: "Allow it", about: "without a condition" },
  limit: { label: "Limit it", about: "so many calls in a time, by how much it can do" },
  condition: { label: "Allow it under a condition", about: "on an argument; you say which in the builder" },
  ask: { label: "Ask a person", about: "each time" },
  deny: { label: "Deny it", about: "and say so" },
  hide: { label: "Hide it", about: "the agent does not see it" },
} as const;
export type Choice = keyof typeof choices;

/** @param tool As the server lists it now; null when it does not. */
export function editsFor(
  choice: Choice,
  call: Pick<CallAnswer, "tool">,
  tool: ToolAnswer | null,
  draft: string,
): Edit[] {
  const name = call.tool;
  if (name === null) return [];
  const parsed = parsePolicy(draft);
  if (!parsed.ok) return [];
  const known = {
    name,
    category: tool?.category ?? ("Other" as const),
    severity: tool?.severity ?? ("medium" as const),
    inputSchema: tool?.inputSchema,
  };
  if (choice === "limit") return dropBlock(parsed.document, known, "rate_limit");
  if (choice === "condition") return dropBlock(parsed.document, known, "must_be");
  const lane = choice === "ask" ? "approve" : choice;
  return [{ kind: "set_lane", tool: name, ...(tool === null ? {} : { category: tool.category }), lane }];
}
