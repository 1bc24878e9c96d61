import { classify } from "../catalog/classify.ts";
import {
  type RiskCategory,
  riskCategories,
  type Severity,
  severityOf,
  type ToolDefinition,
} from "../catalog/schema.ts";
import { type Trouble, unreadable } from "./answer.ts";
import type { Io } from "./io.ts";

/** A tool of a list, with the category that the product would give it. */
export type FileTool = { name: string; category: RiskCategory; severity: Severity; inputSchema?: unknown };

/**
 * Reads a list of tools: the answer to `tools/list` (with or without its JSON-RPC envelope) or an array of tools. A category
 * that the list names itself counts; else the tool is classified. Of two tools with one name the first counts.
 */
export async function readTools(
  file: string,
  io: Io,
): Promise<{ ok: true; tools: FileTool[] } | { ok: false; trouble: Trouble }> {
  const read = await io.read(file);
  if (!read.ok) return { ok: false, trouble: unreadable(file, read.message) };
  const listed = listOf(read.text);
  if (typeof listed === "string") return { ok: false, trouble: unreadable(file, listed) };
  const first = new Map<string, FileTool>();
  for (const [index, tool] of listed.entries()) {
    const definition = definitionIn(tool);
    if (definition === null) {
      return { ok: false, trouble: unreadable(file, `tool ${index + 1} of the list has no name`) };
    }
    if (!first.has(definition.name)) first.set(definition.name, fileTool(tool, definition));
  }
  return { ok: true, tools: [...first.values()] };
}

function listOf(text: string): unknown[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return `it is no JSON: ${cause instanceof Error ? cause.message : cause}`;
  }
  return listIn(value) ?? "it is no list of tools; give the answer to tools/list, or an array of tools";
}

/** The tools of an answer to `tools/list` or of an array; null for any other value. */
export function listIn(value: unknown): unknown[] | null {
  return [value, field(value, "tools"), field(field(value, "result"), "tools")].find(Array.isArray) ?? null;
}

/**
 * The definition in a value, or null when it has no name. The arguments are found under MCP's `inputSchema` and under what
 * the model APIs call the same thing: `input_schema`, `parameters`.
 */
export function definitionIn(value: unknown): ToolDefinition | null {
  const name = field(value, "name");
  if (typeof name !== "string" || name === "") return null;
  const schemas = ["inputSchema", "input_schema", "parameters"].map((key) => field(value, key));
  return {
    name,
    title: field(value, "title"),
    description: field(value, "description"),
    inputSchema: schemas.find((schema) => typeof schema === "object" && schema !== null),
    annotations: field(value, "annotations"),
  };
}

function fileTool(tool: unknown, definition: ToolDefinition): FileTool {
  const named = field(tool, "category");
  const category = riskCategories.find((known) => known === named) ?? classify(definition).category;
  return { name: definition.name, category, severity: severityOf[category], inputSchema: definition.inputSchema };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
