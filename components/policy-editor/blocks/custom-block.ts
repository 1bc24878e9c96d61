import type * as z from "zod";
import type { PlacedBlock } from "../../../policy/blocks.ts";
import { check } from "../../../policy/check.ts";
import {
  type ApprovalGroup,
  approvalGroupSchema,
  type Group,
  groupSchema,
  type Limit,
  limitSchema,
  type RateLimit,
  rateLimitSchema,
} from "../../../policy/schema.ts";
import { checkShape } from "../../../policy/shape.ts";
import type { BlockChange } from "./block-change.ts";
import { capital } from "./capital.ts";
import { readJson } from "./read-json.ts";

/** What is wrong with the JSON of a block, or null. */
export function customProblem(list: PlacedBlock["list"], text: string): string | null {
  const read = readJson(text);
  if (!read.ok) return read.message;
  // The language's own words, with the block as the only one of its rule.
  const rule = list === "rate_limit" ? { rate_limit: read.value } : { [list]: [read.value] };
  const document = { version: "1", default: "deny", all_tools: rule };
  const shape = checkShape(document);
  const found =
    "findings" in shape
      ? shape.findings
      : check(shape.document).findings.filter(({ severity }) => severity === "error");
  const [first] = found;
  return first === undefined ? null : capital(first.message);
}

const schemas = {
  require: groupSchema,
  deny_if: groupSchema,
  approve_if: approvalGroupSchema,
  limits: limitSchema,
} satisfies Record<string, z.ZodType>;

/** What the JSON of a block makes of it; null when it cannot be read. */
export function customChange(list: PlacedBlock["list"], text: string): BlockChange | null {
  const read = readJson(text);
  if (!read.ok || customProblem(list, text) !== null) return null;
  if (list === "rate_limit") {
    const rate = rateLimitSchema.safeParse(read.value);
    return rate.success ? { rateLimit: read.value as RateLimit } : null;
  }
  // The value itself and not zod's copy, which would have the fields in another order.
  return schemas[list].safeParse(read.value).success
    ? { list, item: read.value as Group | ApprovalGroup | Limit }
    : null;
}
