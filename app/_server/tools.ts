// The tools of a server as they are kept: the definition as the server sent it, its hash, and how dangerous it looks.
import { classify } from "../../catalog/classify.ts";
import type { Signal } from "../../catalog/schema.ts";
import type { ListedTool } from "../../policy/warn-tools.ts";
import { database } from "../../prisma/client.ts";
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

/** The tools that a server has now, for the warnings that need them. */
export async function listedTools(serverId: string): Promise<ListedTool[]> {
  const rows = await database().tool.findMany({
    where: { serverId, state: { not: "gone" } },
    orderBy: { position: "asc" },
    select: { name: true, category: true, definition: true },
  });
  return rows.map(({ name, category, definition }) => ({
    name,
    category: toolSchema.shape.category.parse(category),
    inputSchema: readDefinition(definition).inputSchema,
  }));
}

type Row = Omit<ToolContent, "signals"> & { signals: unknown; state: string };

const judgementSchema = toolSchema.pick({ category: true, severity: true, signals: true, state: true });

/** @param changed Names of tools of which the server serves another definition than the accepted one. */
export function toolView(row: Row, changed: ReadonlySet<string> = new Set()): ToolAnswer {
  const { name, confidence, definitionHash, category, severity, signals } = row;
  const state = row.state === "accepted" && changed.has(name) ? "changed" : row.state;
  const { description, inputSchema } = readDefinition(row.definition);
  return {
    name,
    description: typeof description === "string" ? description : null,
    ...judgementSchema.parse({ category, severity, signals, state }),
    confidence,
    definitionHash,
    inputSchema,
  };
}

export function readDefinition(definition: string): Record<string, unknown> {
  const value: unknown = JSON.parse(definition);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
