// Which of the tools that a server lists can be offered: those that can be named without doubt.
import { isToolName, lookAlikeKey } from "../policy/tool-names.ts";
import { definitionHash } from "./definition-hash.ts";

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
  /** The tool that is left out; null when its name is the trouble. */
  tool: string | null;
};

/** Keeps the tools that can be named without doubt; each of the others becomes a finding. */
export function reviewTools(definitions: readonly string[]): { tools: InspectedTool[]; findings: InspectFinding[] } {
  const findings: InspectFinding[] = [];
  const named = definitions.map((definition) => ({ definition, name: nameOf(definition) }));
  const counts = new Map<unknown, number>();
  for (const { name } of named) counts.set(name, (counts.get(name) ?? 0) + 1);
  const tools: InspectedTool[] = [];
  const similar = new Map<string, Set<string>>();
  for (const { name } of named) {
    if (typeof name !== "string") continue;
    similar.set(lookAlikeKey(name), (similar.get(lookAlikeKey(name)) ?? new Set()).add(name));
  }
  for (const { definition, name } of named) {
    if (!isToolName(name)) {
      const message = `A tool is left out because of its name, ${quote(name)}: letters, digits, \`_\`, \`.\` and \`-\` only, at most 128.`;
      findings.push({ code: "tool_name_refused", message, tool: null });
      continue;
    }
    if ((counts.get(name) ?? 0) > 1) {
      const message = `${quote(name)} is listed more than once, so none of them is offered.`;
      if (!findings.some((finding) => finding.message === message))
        findings.push({ code: "tool_name_duplicate", message, tool: name });
      continue;
    }
    const alike = [...(similar.get(lookAlikeKey(name)) ?? [])].find((other) => other !== name);
    if (alike !== undefined) {
      const message = `${quote(name)} is left out: it is easily taken for ${quote(alike)}.`;
      findings.push({ code: "tool_name_similar", message, tool: name });
      continue;
    }
    const hash = definitionHash(definition);
    if (hash === null) {
      const message = `${quote(name)} is left out: its definition can be read in more than one way, or is too long.`;
      findings.push({ code: "tool_definition_refused", message, tool: name });
      continue;
    }
    tools.push({ name, definition, definitionHash: hash });
  }
  return { tools, findings };
}

function nameOf(definition: string): unknown {
  const parsed: unknown = JSON.parse(definition);
  return typeof parsed === "object" && parsed !== null && Object.hasOwn(parsed, "name")
    ? (parsed as { name: unknown }).name
    : undefined;
}

function quote(name: unknown): string {
  return typeof name === "string" ? JSON.stringify(clean(name).slice(0, 128)) : "(none)";
}

/** Postgres takes neither NUL nor half a surrogate pair. */
export function clean(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, "\uFFFD");
}
