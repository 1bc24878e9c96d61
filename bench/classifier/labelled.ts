import { readFileSync } from "node:fs";
import * as z from "zod";
import { riskCategories, type SpokenCategory, type ToolDefinition } from "../../catalog/schema.ts";

const categorySchema = z.enum(riskCategories).exclude(["Other"]);

// One tool a line. The definition is MCP's, or in fewer words: `tool`, `full_description`, `params` with names and types.
const rowSchema = z.looseObject({
  server: z.string(),
  name: z.string().optional(),
  tool: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  full_description: z.string().optional(),
  inputSchema: z.unknown().optional(),
  params: z.array(z.looseObject({ name: z.string() })).optional(),
  annotations: z.unknown().optional(),
  gold: categorySchema,
  /** Other answers that can be defended. */
  gold_alt: z.array(categorySchema).default([]),
});

export type Labelled = {
  server: string;
  definition: ToolDefinition;
  gold: SpokenCategory;
  accepted: ReadonlySet<string>;
};

/** Labelled tools from a file of JSON Lines. */
export function labelledTools(file: string): Labelled[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) => labelled(rowSchema.parse(JSON.parse(line))));
}

function labelled({ server, gold, gold_alt, params, ...row }: z.infer<typeof rowSchema>): Labelled {
  const properties = params && Object.fromEntries(params.map((param) => [param.name, param]));
  const definition = {
    name: row.name ?? row.tool ?? "",
    title: row.title,
    description: row.full_description ?? row.description,
    inputSchema: row.inputSchema ?? (properties && { type: "object", properties }),
    annotations: row.annotations,
  };
  return { server, definition, gold, accepted: new Set([gold, ...gold_alt]) };
}
