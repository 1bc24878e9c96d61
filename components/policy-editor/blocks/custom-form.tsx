"use client";
import type * as z from "zod";
import type { PlacedBlock } from "../../../policy/blocks.ts";
import { check } from "../../../policy/check.ts";
import type { Problem } from "../../../policy/problems.ts";
import { approvalGroupSchema, groupSchema, limitSchema, rateLimitSchema } from "../../../policy/schema.ts";
import { checkShape } from "../../../policy/shape.ts";
import { type BlockChange, problemAt } from "./block-change.ts";
import { capital } from "./capital.ts";
import { readJson } from "./read-json.ts";
import { SettledField } from "./settled-field.tsx";

/** What no form can say, as its JSON. Only what the language can read goes into the policy; the text stays until it is. */
export function CustomForm({
  placed,
  problems,
  disabled,
  onChange,
}: {
  placed: PlacedBlock;
  problems: readonly Problem[];
  disabled: boolean;
  onChange: (change: BlockChange) => void;
}) {
  return (
    <SettledField
      label="JSON"
      multiline
      mono
      value={JSON.stringify(placed.item, null, 2)}
      problemOf={(text) => customProblem(placed.list, text)}
      problem={problemAt(problems, placed.at, "")}
      hint="No form says all of this, so it is edited as it stands. It goes into the policy when it can be read."
      disabled={disabled}
      onSettle={(text) => {
        const change = customChange(placed.list, text);
        if (change) onChange(change);
      }}
    />
  );
}

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

function customChange(list: PlacedBlock["list"], text: string): BlockChange | null {
  const read = readJson(text);
  if (!read.ok || customProblem(list, text) !== null) return null;
  if (list === "rate_limit") {
    const rate = rateLimitSchema.safeParse(read.value);
    return rate.success ? { rateLimit: rate.data } : null;
  }
  const item = schemas[list].safeParse(read.value);
  return item.success ? { list, item: item.data } : null;
}
