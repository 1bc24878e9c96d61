// What the accepted definition of a tool says about the arguments of its calls, as far as the gateway itself acts on it.

export type ToolShape = {
  /** Arguments that a header repeats in the modern era: the header's name in lower case, and where the argument lies. */
  mirrored: readonly { header: string; path: readonly string[] }[];
  /** The only names that the outermost arguments may have; null unless the schema says that there are no others. */
  declared: ReadonlySet<string> | null;
};

const depthMax = 16;
const propertiesMax = 2_000;
const isToken = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

/** @param definition JSON text of a tool. @returns null when there is nothing to act on. */
export function shapeOf(definition: string): ToolShape | null {
  let tool: unknown;
  try {
    tool = JSON.parse(definition);
  } catch {
    return null;
  }
  const mirrored: { header: string; path: string[] }[] = [];
  let left = propertiesMax;
  const walk = (schema: unknown, path: string[]): void => {
    for (const [name, property] of Object.entries(fieldsOf(fieldsOf(schema).properties))) {
      left -= 1;
      if (left < 0 || path.length >= depthMax) return;
      const header = fieldsOf(property)["x-mcp-header"];
      const at = [...path, name];
      if (typeof header === "string" && isToken.test(header)) {
        mirrored.push({ header: `mcp-param-${header.toLowerCase()}`, path: at });
      }
      walk(property, at);
    }
  };
  const schema = fieldsOf(fieldsOf(tool).inputSchema);
  walk(schema, []);
  // Without this word a schema allows any other argument, and refusing them would break what the server's author allows.
  const isClosed = schema.additionalProperties === false && schema.patternProperties === undefined;
  const declared = isClosed ? new Set(Object.keys(fieldsOf(schema.properties))) : null;
  return mirrored.length > 0 || declared !== null ? { mirrored, declared } : null;
}

/**
 * Finds an argument that a tool with rules about its arguments says it does not have: a server that takes it all the same may
 * take it for one that a rule is about (`file` for `path`), and the rule would have looked at nothing.
 *
 * @param known The names that the rules mention: of those their author knows, whatever the schema says.
 */
export function undeclaredArgument(
  { declared }: ToolShape,
  args: unknown,
  known: readonly { fields: ReadonlyMap<string, unknown> }[],
): string | null {
  if (declared === null || known.length === 0) return null;
  const isStrange = (name: string) => !declared.has(name) && !known.some(({ fields }) => fields.has(name));
  return Object.keys(fieldsOf(args)).find(isStrange) ?? null;
}

/**
 * Holds the `Mcp-Param-*` headers to the arguments. Headers that no argument claims say nothing and go on.
 *
 * @param decode Reads a header's value; undefined when it cannot be read.
 * @returns The header that does not agree; null when all do.
 */
export function headerThatDiffers(
  { mirrored }: ToolShape,
  headers: readonly (readonly [name: string, value: string])[],
  args: unknown,
  decode: (value: string) => string | undefined,
): string | null {
  for (const { header, path } of mirrored) {
    const value = argumentAt(args, path);
    if (typeof value === "object" && value !== null) continue; // only what fits into a header is repeated there
    const given = headers.find(([name]) => name === header)?.[1];
    if (!says(given === undefined ? undefined : decode(given), given !== undefined, value)) return header;
  }
  return null;
}

/** What the headers that repeat an argument have to say; null for one that must not be there. */
export function mirroredHeaders({ mirrored }: ToolShape, args: unknown): [header: string, value: string | null][] {
  return mirrored.map(({ header, path }) => {
    const value = argumentAt(args, path);
    const isRepeated = value !== undefined && value !== null && typeof value !== "object";
    return [header, isRepeated ? String(value) : null];
  });
}

function argumentAt(args: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (Object.hasOwn(fieldsOf(at), name) ? fieldsOf(at)[name] : undefined), args);
}

function says(text: string | undefined, isGiven: boolean, value: unknown): boolean {
  if (value === undefined || value === null) return !isGiven;
  if (text === undefined) return false;
  if (typeof value === "number") return text.trim() !== "" && Number(text) === value;
  return text === String(value);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
