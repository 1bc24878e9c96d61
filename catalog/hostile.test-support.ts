import * as z from "zod";
import { precedence } from "./precedence.ts";
import { type Classification, riskCategories, type ToolDefinition } from "./schema.ts";

const caseSchema = z.strictObject({
  it: z.string(),
  definition: z.looseObject({ name: z.string(), description: z.string().optional() }),
  /** `Other` when there is nothing to go on; it must then be exactly that. */
  atLeast: z.enum(riskCategories),
  /** The argument that a signal has to name. */
  names: z.string().optional(),
  findings: z.array(z.string()).optional(),
  /** Stands in the description at `{padding}`, so many times. */
  padding: z.strictObject({ text: z.string(), times: z.int() }).optional(),
});

export type HostileCase = z.infer<typeof caseSchema> & { definition: ToolDefinition };

/** @param text What cases/hostile.json holds. */
export function hostileCases(text: string): HostileCase[] {
  return z.array(caseSchema).parse(JSON.parse(text)).map(padded);
}

function padded(one: z.infer<typeof caseSchema>): HostileCase {
  const { padding, definition } = one;
  if (padding === undefined || definition.description === undefined) return one;
  const description = definition.description.replace("{padding}", () => padding.text.repeat(padding.times));
  return { ...one, definition: { ...definition, description } };
}

/** What an answer lacks; nothing when it is as it should be. */
export function shortfall(one: HostileCase, { category, signals, findings }: Classification): string[] {
  const troubles: string[] = [];
  const isEnough =
    one.atLeast === "Other"
      ? category === "Other"
      : // What is not understood counts as Execute.
        precedence(category === "Other" ? "Execute" : category) >= precedence(one.atLeast);
  if (!isEnough) troubles.push(`is ${category}, not ${one.atLeast}`);
  const named = signals.filter((signal) => signal.source === "argument" && signal.category === category);
  if (one.names !== undefined && !named.some(({ quote }) => quote.split(":")[0] === one.names)) {
    troubles.push(`no signal names the argument ${one.names}`);
  }
  for (const code of one.findings ?? []) {
    if (!findings.some((finding) => finding.code === code)) troubles.push(`no finding ${code}`);
  }
  return troubles;
}
