import { type JsonNode, parseJson } from "../../policy/json.ts";

/** Where a JSON Pointer's place stands in a text, or the nearest place around it. Null when the text is no JSON. */
export function placeOf(text: string, pointer: string): { from: number; to: number } | null {
  const { root } = parseJson(text);
  if (root === null) return null;
  let node: JsonNode = root;
  for (const step of pointer.split("/").slice(1)) {
    const next = stepInto(node, step.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (!next) break;
    node = next;
  }
  return { from: node.from, to: node.to };
}

function stepInto(node: JsonNode, step: string): JsonNode | undefined {
  if (node.kind === "array") return node.items[Number(step)];
  return node.kind === "object" ? node.members.findLast(({ key }) => key === step)?.node : undefined;
}
