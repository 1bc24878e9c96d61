// What client and server may tell each other that they can do: without the parts of the protocol that this server's owner
// has refused. A capability that is heard of is used.
import { Buffer } from "node:buffer";
import type { MethodGroup } from "../policy/server-settings.ts";
import { applied, cutMembers, type Edit, objectAt, skipSpace } from "./json-walk.ts";

const clientGroups = ["sampling", "elicitation", "roots", "tasks"] as const;
const serverNames = new Map<MethodGroup, string>([
  ["prompts", "prompts"],
  ["resources", "resources"],
  ["completion", "completions"],
  ["logging", "logging"],
  ["tasks", "tasks"],
]);
const tasksExtension = new Set(["io.modelcontextprotocol/tasks"]);
const modernCapabilities = "io.modelcontextprotocol/clientCapabilities";

/** A request's bytes without the client's refused capabilities; the very same bytes when there is nothing to take out. */
export function withoutClientCapabilities(body: Buffer, refused: ReadonlySet<MethodGroup>): Buffer {
  if (refused.size === 0) return body;
  const names = new Set<string>(clientGroups.filter((group) => refused.has(group)));
  // A key spelled with escapes is one too.
  if (names.size === 0 || !(body.includes("apabilities") || body.includes("\\u00"))) return body;
  const text = body.toString("utf8");
  const message = skipSpace(text, 0);
  const edits: Edit[] = [];
  for (const path of [
    ["params", "capabilities"],
    ["params", "_meta", modernCapabilities],
  ]) {
    const object = objectAt(text, message, ...path);
    if (object !== null) edits.push(...cutCapabilities(text, object, names, refused));
  }
  return edits.length === 0 ? body : Buffer.from(applied(text, edits));
}

/** Edits that take the refused groups out of a server's capabilities. @param object Where they begin. */
export function cutServerCapabilities(text: string, object: number, refused: ReadonlySet<MethodGroup>): Edit[] {
  const names = new Set([...serverNames].filter(([group]) => refused.has(group)).map(([, name]) => name));
  return cutCapabilities(text, object, names, refused);
}

function cutCapabilities(
  text: string,
  object: number,
  names: ReadonlySet<string>,
  refused: ReadonlySet<MethodGroup>,
): Edit[] {
  const edits = cutMembers(text, object, names);
  const extensions = refused.has("tasks") ? objectAt(text, object, "extensions") : null;
  if (extensions !== null) edits.push(...cutMembers(text, extensions, tasksExtension));
  return edits;
}
