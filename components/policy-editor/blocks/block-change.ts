import type { PlacedBlock } from "../../../policy/blocks.ts";
import type { BlockList } from "../../../policy/edit.ts";
import type { Problem } from "../../../policy/problems.ts";
import type { ApprovalGroup, Group, Limit, RateLimit } from "../../../policy/schema.ts";
import { capital } from "./capital.ts";

/** What a block becomes: an item of one of the rule's lists, or the rule's short form. */
export type BlockChange = { list: BlockList; item: Group | ApprovalGroup | Limit } | { rateLimit: RateLimit };

/** What the check has against something, as a sentence. */
export type Trouble = Pick<Problem, "message" | "severity">;

/** Sets a field where it stands, or behind the others; undefined takes it away. So the order of a written item stays. */
export function withField<Item extends object, Key extends keyof Item>(
  item: Item,
  key: Key,
  value: Item[Key] | undefined,
): Item {
  if (value !== undefined) return { ...item, [key]: value };
  const { [key]: _gone, ...rest } = item;
  return rest as Item;
}

export function isLimit(item: PlacedBlock["item"]): item is Limit {
  return "counter" in item;
}

export function isGroup(item: PlacedBlock["item"]): item is Group | ApprovalGroup {
  return "conditions" in item;
}

/**
 * What the check says about one field of a block.
 *
 * @param problems Those of the block's own rule: only the end of a pointer is compared.
 * @param at Where the block stands in its rule, like `limits/0`.
 * @param field Like `max` or `conditions/0/value`; "" is the block itself and what no field shows.
 */
export function problemAt(problems: readonly Problem[], at: string, field: string): Trouble | null {
  const end = field === "" ? `/${at}` : `/${at}/${field}`;
  const found = problems.filter(({ pointer }) => pointer.endsWith(end));
  const worst = found.find(({ severity }) => severity === "error") ?? found[0];
  return worst ? { message: capital(worst.message), severity: worst.severity } : null;
}
