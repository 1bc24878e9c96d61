import { alternatives, isSchema, schemasMax } from "./input-schema.ts";

// A call that a tool's input schema asks for, with nothing in it that a rule should mind.

const depthMax = 8;

/** Harmless arguments with every property that the schema lists. What cannot be read gets a text. */
export function sampleArguments(inputSchema: unknown): Record<string, unknown> {
  const sample = sampleOf(inputSchema, inputSchema, "", 0);
  return isSchema(sample) ? sample : {};
}

function sampleOf(schema: unknown, root: unknown, name: string, depth: number): unknown {
  const found = alternatives(schema, root, { left: schemasMax })?.[0];
  if (!isSchema(found) || depth > depthMax) return "x";
  if (Array.isArray(found.enum)) return found.enum[0];
  if ("const" in found) return found.const;
  const type = [found.type].flat()[0] ?? ("properties" in found ? "object" : "items" in found ? "array" : "string");
  switch (type) {
    case "object": {
      const properties = isSchema(found.properties) ? Object.entries(found.properties) : [];
      return Object.fromEntries(properties.map(([key, inner]) => [key, sampleOf(inner, root, key, depth + 1)]));
    }
    case "array":
      return found.items === undefined ? [] : [sampleOf(found.items, root, name, depth + 1)];
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return textFor(name);
  }
}

function textFor(name: string): string {
  if (/ur[il]s?$/i.test(name)) return "https://example.com/x";
  return /sql/i.test(name) ? "SELECT 1" : "x/y";
}
