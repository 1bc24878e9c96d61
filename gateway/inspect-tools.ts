// Which of the tools that a server lists can be offered: those that can be named without doubt.
import { createHash } from "node:crypto";
import { canonicalDefinition } from "../catalog/definition.ts";

export type InspectedTool = {
  name: string;
  /** JSON text, as the server sent it. */
  definition: string;
  /** SHA-256 of its canonical form, hex. */
  definitionHash: string;
};

export type InspectFinding = {
  code: "tool_name_refused" | "tool_name_duplicate" | "tool_name_similar" | "tool_definition_refused";
  message: string;
};

/** Keeps the tools that can be named without doubt; each of the others becomes a finding. */
export function reviewTools(definitions: readonly string[]): { tools: InspectedTool[]; findings: InspectFinding[] } {
  const findings: InspectFinding[] = [];
  const named = definitions.map((definition) => ({ definition, name: nameOf(definition) }));
  const counts = new Map<unknown, number>();
  for (const { name } of named) counts.set(name, (counts.get(name) ?? 0) + 1);
  const tools: InspectedTool[] = [];
  const similar = new Map<string, string>();
  for (const { definition, name } of named) {
    if (typeof name !== "string" || !/^[A-Za-z0-9_.-]{1,128}$/.test(name)) {
      const message = `A tool is left out because of its name, ${quote(name)}: letters, digits, \`_\`, \`.\` and \`-\` only, at most 128.`;
      findings.push({ code: "tool_name_refused", message });
      continue;
    }
    if ((counts.get(name) ?? 0) > 1) {
      const message = `${quote(name)} is listed more than once, so none of them is offered.`;
      if (!findings.some((finding) => finding.message === message))
        findings.push({ code: "tool_name_duplicate", message });
      continue;
    }
    const definitionHash = hashOf(definition);
    if (definitionHash === null) {
      const message = `${quote(name)} is left out: its definition can be read in more than one way.`;
      findings.push({ code: "tool_definition_refused", message });
      continue;
    }
    const folded = name.toLowerCase().replace(/[_.-]/g, "");
    const other = similar.get(folded);
    if (other !== undefined) {
      findings.push({
        code: "tool_name_similar",
        message: `${quote(name)} and ${quote(other)} are easily taken for each other.`,
      });
    }
    similar.set(folded, name);
    tools.push({ name, definition, definitionHash });
  }
  return { tools, findings };
}

function nameOf(definition: string): unknown {
  const parsed: unknown = JSON.parse(definition);
  return typeof parsed === "object" && parsed !== null && Object.hasOwn(parsed, "name")
    ? (parsed as { name: unknown }).name
    : undefined;
}

function hashOf(definition: string): string | null {
  try {
    return createHash("sha256").update(canonicalDefinition(definition)).digest("hex");
  } catch {
    return null; // duplicate keys, half a character, too deep
  }
}

function quote(name: unknown): string {
  return typeof name === "string" ? JSON.stringify(clean(name).slice(0, 128)) : "(none)";
}

/** Postgres takes neither NUL nor half a surrogate pair. */
export function clean(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, "\uFFFD");
}
