// The tools of a server as they are kept: the definition as the server sent it, its hash, and how dangerous it looks.
import { classify } from "../../catalog/classify.ts";
import { effectiveCategory, effectiveSeverity, isPinned, type Judged } from "../../catalog/override.ts";
import type { RiskCategory, Severity, Signal } from "../../catalog/schema.ts";
import type { ListedTool } from "../../policy/warn-tools.ts";
import { database, type Prisma } from "../../prisma/client.ts";
import { type ToolAnswer, toolSchema } from "../api/v1/schemas.ts";
import type { Inspection } from "./inspect.ts";

/** A row of `Tool` but for its server and times. */
export type ToolContent = {
  name: string;
  position: number;
  definition: string;
  definitionHash: string;
  category: string;
  severity: string;
  confidence: number;
  signals: Signal[];
};

/**
 * What is kept of an inspection. A name that is there twice counts once, the first time: a client that asks for it gets one
 * tool. A tool whose name Postgres cannot hold is left out, which means that it is refused as unknown.
 */
export function toolContents(inspection: Inspection): ToolContent[] {
  const first = new Map<string, Inspection["tools"][number]>();
  for (const tool of inspection.tools) {
    if (!first.has(tool.name) && storable(tool.name) === tool.name) first.set(tool.name, tool);
  }
  return [...first.values()].map(toolContent);
}

/** What is kept of one tool. */
export function toolContent(
  { name, definition, definitionHash }: Inspection["tools"][number],
  position: number,
): ToolContent {
  const { category, severity, confidence, signals } = classify({ ...readDefinition(definition), name });
  const quoted = signals.map((signal) => ({ ...signal, quote: storable(signal.quote) }));
  return { name, position, definition, definitionHash, category, severity, confidence, signals: quoted };
}

/** Text from outside as Postgres takes it: without U+0000 and halves of surrogate pairs. */
export function storable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, "\ufffd");
}

/** The columns that say how dangerous a tool is. */
export const judgedColumns = {
  name: true,
  category: true,
  severity: true,
  definitionHash: true,
  overrideCategory: true,
  overrideHash: true,
} satisfies Prisma.ToolSelect;

type JudgedRow = Prisma.ToolGetPayload<{ select: typeof judgedColumns }>;

const judgedSchema = toolSchema.pick({ category: true, severity: true });

/** @param changed Names of tools of which the server serves another definition than the accepted one. */
export function judge(
  row: JudgedRow,
  changed: ReadonlySet<string>,
): { category: RiskCategory; severity: Severity; classified: { category: RiskCategory; severity: Severity } } {
  const classified = judgedSchema.parse({ category: row.category, severity: row.severity });
  const { definitionHash, overrideHash } = row;
  const judged = { ...classified, definitionHash, overrideHash, overrideCategory: overrideIn(row) };
  const isChanged = changed.has(row.name);
  return {
    category: effectiveCategory(judged, isChanged),
    severity: effectiveSeverity(judged, isChanged),
    classified,
  };
}

function overrideIn({ overrideCategory }: { overrideCategory: string | null }): Judged["overrideCategory"] {
  return toolSchema.shape.category.nullable().parse(overrideCategory);
}

/** What a gateway would see as well: definitions that nobody accepted, under the names of tools. */
export const changesOfTools = {
  where: { kind: "tool", problem: { not: "gone" } },
  select: { name: true },
} satisfies Prisma.Server$changesArgs;

/** Names of a server's tools of which it serves another definition than the accepted one. */
export async function changedTools(serverId: string): Promise<Set<string>> {
  const { where, select } = changesOfTools;
  const rows = await database().definitionChange.findMany({ where: { serverId, ...where }, select });
  return new Set(rows.map(({ name }) => name));
}

/** The tools that a server has now, for the warnings that need them. */
export async function listedTools(serverId: string): Promise<ListedTool[]> {
  const [rows, changed] = await Promise.all([
    database().tool.findMany({
      where: { serverId, state: { not: "gone" } },
      orderBy: { position: "asc" },
      select: { ...judgedColumns, definition: true },
    }),
    changedTools(serverId),
  ]);
  return rows.map((row) => ({
    name: row.name,
    category: judge(row, changed).category,
    inputSchema: readDefinition(row.definition).inputSchema,
  }));
}

type Row = JudgedRow & {
  definition: string;
  confidence: number;
  signals: unknown;
  state: string;
  overrideAt: Date | null;
};

const evidenceSchema = toolSchema.pick({ signals: true, state: true });

/** @param changed Names of tools of which the server serves another definition than the accepted one. */
export function toolView(row: Row, changed: ReadonlySet<string>): ToolAnswer {
  const { name, confidence, definitionHash, signals } = row;
  const state = row.state === "accepted" && changed.has(name) ? "changed" : row.state;
  const { description, inputSchema } = readDefinition(row.definition);
  return {
    name,
    description: typeof description === "string" ? description : null,
    ...judge(row, changed),
    override: overrideView(row),
    ...evidenceSchema.parse({ signals, state }),
    confidence,
    definitionHash,
    inputSchema,
  };
}

function overrideView(row: Row): ToolAnswer["override"] {
  const category = overrideIn(row);
  if (category === null || row.overrideAt === null) return null;
  return { category, at: row.overrideAt.toISOString(), fallen: !isPinned(row) };
}

export function readDefinition(definition: string): Record<string, unknown> {
  const value: unknown = JSON.parse(definition);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
