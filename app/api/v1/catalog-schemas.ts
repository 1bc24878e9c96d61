// The shapes of what the public catalog answers: its pages are made from them, and the public API sends them. Safe in the browser.
import * as z from "zod";
import { changeGrades } from "../../../catalog/definition-change.ts";
import { annotationFactsSchema, presences, signalFactSchema, toolParameterSchema } from "../../../catalog/facts.ts";
import { riskCategories, severities } from "../../../catalog/risk.ts";
import { evidences, sourceKinds } from "./catalog-kinds.ts";

const timestamp = z.iso.datetime({ offset: true });

export { type Evidence, evidences, type SourceKind, sourceKinds } from "./catalog-kinds.ts";

export const serverCardSchema = z.strictObject({
  slug: z.string(),
  name: z.string(),
  source: z.string(),
  sourceKind: z.enum(sourceKinds),
  packageName: z.string().nullable(),
  version: z.string().nullable(),
  licence: z.string().nullable(),
  repository: z.string().nullable(),
  /** The publisher's words. */
  description: z.string().nullable(),
  evidence: z.enum(evidences),
  toolCount: z.int(),
  counts: z.record(z.enum(riskCategories), z.int()),
  /** The worst of its tools; null without any. */
  severity: z.enum(severities).nullable(),
  firstSeenAt: timestamp,
  seenAt: timestamp,
});
export type ServerCard = z.infer<typeof serverCardSchema>;

export const toolCardSchema = z.strictObject({
  server: z.strictObject({ slug: z.string(), name: z.string() }),
  name: z.string(),
  /** One line of ours. */
  summary: z.string().nullable(),
  /** The server's words. */
  description: z.string().nullable(),
  category: z.enum(riskCategories),
  severity: z.enum(severities),
  confidence: z.number(),
  presence: z.enum(presences),
  /** `gone`: the newest list has it no more. */
  state: z.enum(["current", "gone"]),
});
export type ToolCard = z.infer<typeof toolCardSchema>;

/** A tool or server that is like another one, and in what: "also deletes files". */
export const relatedToolSchema = toolCardSchema.extend({ why: z.string() });
export type RelatedTool = z.infer<typeof relatedToolSchema>;
export const relatedServerSchema = serverCardSchema.extend({ why: z.string() });
export type RelatedServer = z.infer<typeof relatedServerSchema>;

export const serverDetailSchema = serverCardSchema.extend({
  homepage: z.string().nullable(),
  protocolVersion: z.string().nullable(),
  /** At most five, the riskiest first. */
  dangerous: z.array(toolCardSchema),
  /** Of the current tools. */
  presences: z.record(z.enum(presences), z.int()),
});
export type ServerDetail = z.infer<typeof serverDetailSchema>;

/** The sentence and the quotation are missing where only facts were shipped. */
export const findingFactSchema = z.strictObject({
  code: z.string(),
  message: z.string().optional(),
  quote: z.string().optional(),
});
export type FindingFact = z.infer<typeof findingFactSchema>;

export const toolDetailSchema = toolCardSchema.extend({
  server: serverCardSchema,
  title: z.string().nullable(),
  parameters: z.array(toolParameterSchema),
  annotations: annotationFactsSchema.nullable(),
  signals: z.array(signalFactSchema),
  findings: z.array(findingFactSchema),
  /** JSON text as the server sent it; null for shipped facts. */
  definition: z.string().nullable(),
  definitionHash: z.string().nullable(),
  firstSeenAt: timestamp,
  changedAt: timestamp,
});
export type ToolDetail = z.infer<typeof toolDetailSchema>;

export const catalogTotalsSchema = z.strictObject({
  servers: z.int(),
  tools: z.int(),
  /** Tools. */
  byCategory: z.record(z.enum(riskCategories), z.int()),
  bySeverity: z.record(z.enum(severities), z.int()),
  /** Servers. */
  bySourceKind: z.record(z.enum(sourceKinds), z.int()),
  byEvidence: z.record(z.enum(evidences), z.int()),
});
export type CatalogTotals = z.infer<typeof catalogTotalsSchema>;

export const catalogEventKinds = [
  "server_added",
  "version_changed",
  "tool_added",
  "tool_changed",
  "tool_removed",
] as const;
export type CatalogEventKind = (typeof catalogEventKinds)[number];
export const catalogEventSchema = z.strictObject({
  id: z.uuid(),
  at: timestamp,
  kind: z.enum(catalogEventKinds),
  server: z.strictObject({ slug: z.string(), name: z.string() }),
  tool: z.string().nullable(),
  fromVersion: z.string().nullable(),
  toVersion: z.string().nullable(),
  grades: z.array(z.enum(changeGrades)),
  /** JSON texts of the definitions. */
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type CatalogEventRow = z.infer<typeof catalogEventSchema>;

// What may be asked -----------------------------------------------------------------------------------------------

const cursor = z.string().max(8_192).optional();
const limit = (max: number) => z.coerce.number().int().min(1).max(max).default(25);

/** A server's slug and a tool's name, as they stand in addresses. */
export const slugSchema = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
  .max(120);
export const toolNameSchema = z.string().min(1).max(512);

export const catalogSearchQuery = z.strictObject({
  of: z.enum(["servers", "tools"]).default("tools"),
  q: z.string().max(200).optional(),
  category: z.enum(riskCategories).optional(),
  severity: z.enum(severities).optional(),
  sourceKind: z.enum(sourceKinds).optional(),
  evidence: z.enum(evidences).optional(),
  cursor,
  limit: limit(100),
});
export const catalogToolsQuery = z.strictObject({
  q: z.string().max(200).optional(),
  category: z.enum(riskCategories).optional(),
  severity: z.enum(severities).optional(),
  cursor,
  limit: limit(200),
});
export const catalogEventsQuery = z.strictObject({
  /** Of one server. */
  slug: slugSchema.optional(),
  kind: z.enum(catalogEventKinds).optional(),
  cursor,
  limit: limit(100),
});
/** Servers or tools, as was asked for. */
export const catalogSearchAnswer = z.strictObject({
  items: z.union([z.array(toolCardSchema), z.array(serverCardSchema)]),
  nextCursor: z.string().nullable(),
});
