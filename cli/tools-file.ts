import { classify } from "../catalog/classify.ts";
import { type RiskCategory, riskCategories, type Severity, severityOf } from "../catalog/schema.ts";
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
  const listed = listIn(read.text);
  if (typeof listed === "string") return { ok: false, trouble: unreadable(file, listed) };
  const first = new Map<string, FileTool>();
  for (const [index, tool] of listed.entries()) {
    const name = field(tool, "name");
    if (typeof name !== "string" || name === "") {
      return { ok: false, trouble: unreadable(file, `tool ${index + 1} of the list has no name`) };
    }
    if (!first.has(name)) first.set(name, fileTool(name, tool));
  }
  return { ok: true, tools: [...first.values()] };
}

function listIn(text: string): unknown[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return `it is no JSON: ${cause instanceof Error ? cause.message : cause}`;
  }
  const list = [value, field(value, "tools"), field(field(value, "result"), "tools")].find(Array.isArray);
  return list ?? "it is no list of tools; give the answer to tools/list, or an array of tools";
}

function fileTool(name: string, tool: unknown): FileTool {
  const named = field(tool, "category");
  const inputSchema = field(tool, "inputSchema");
  const [title, description, annotations] = [
    field(tool, "title"),
    field(tool, "description"),
    field(tool, "annotations"),
  ];
  const category =
    riskCategories.find((known) => known === named) ??
    classify({ name, title, description, inputSchema, annotations }).category;
  return { name, category, severity: severityOf[category], inputSchema };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
