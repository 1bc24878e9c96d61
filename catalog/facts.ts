// What the catalog knows of a server without repeating its words: names, types, annotations and our classification. This is
// what the shipped snapshot holds (catalog/data/servers/<slug>.json), and what every page can be made from.
import * as z from "zod";
import { riskCategories, severities, signalSchema } from "./schema.ts";

export const jsonTypes = ["string", "number", "integer", "boolean", "object", "array", "null"] as const;

export const toolParameterSchema = z.strictObject({
  /** As the input schema names it, nested ones with dots: `user.name`, `files[*].path`. */
  name: z.string(),
  /** Null when the schema leaves it open. */
  types: z.array(z.enum(jsonTypes)).nullable(),
  required: z.boolean(),
  /** The only values it may have, where they are few and short. */
  choices: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  /** False for an argument that the code reads though its schema does not name it. */
  declared: z.boolean().default(true),
});
export type ToolParameter = z.infer<typeof toolParameterSchema>;

/** Of the standard annotations only the hints; a `title` is a sentence. */
export const annotationFactsSchema = z.strictObject({
  readOnlyHint: z.boolean().optional(),
  destructiveHint: z.boolean().optional(),
  idempotentHint: z.boolean().optional(),
  openWorldHint: z.boolean().optional(),
});

export const presences = ["listed", "declared", "unlisted"] as const;

/** A signal whose quotation would be a sentence of the server has none in the snapshot. */
export const signalFactSchema = signalSchema.extend({ quote: z.string().nullable() });
export type SignalFact = z.infer<typeof signalFactSchema>;

export const toolFactsSchema = z.strictObject({
  name: z.string(),
  /** `listed` at run time, `declared` in the source but never listed, or `unlisted`: callable though not listed. */
  presence: z.enum(presences).default("listed"),
  /** One line in our words. */
  summary: z.string().optional(),
  parameters: z.array(toolParameterSchema),
  annotations: annotationFactsSchema.optional(),
  /** SHA-256 (hex) of the canonical definition that was classified. */
  definitionHash: z.string().optional(),
  category: z.enum(riskCategories),
  severity: z.enum(severities),
  confidence: z.number().min(0).max(1),
  signals: z.array(signalFactSchema),
  /** Codes only: the sentences quote the definition. */
  findings: z.array(z.string()).default([]),
});
export type ToolFacts = z.infer<typeof toolFactsSchema>;

export const serverFactsSchema = z.strictObject({
  slug: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string(),
  source: z.string().regex(/^(npm|github|registry|url):./),
  packageName: z.string().optional(),
  version: z.string().optional(),
  repository: z.string().optional(),
  homepage: z.string().optional(),
  licence: z.string().optional(),
  protocolVersion: z.string().optional(),
  /** The day its tools were listed, `2026-11-22`. */
  seen: z.iso.date(),
  tools: z.array(toolFactsSchema),
});
export type ServerFacts = z.infer<typeof serverFactsSchema>;
