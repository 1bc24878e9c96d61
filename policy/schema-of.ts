import type { ToolParameter } from "../catalog/facts.ts";

// The catalog keeps the arguments of a tool as a list; the checks of a policy read a JSON Schema.

const stepsMax = 16;

type Node = { parameter: ToolParameter | null; fields: Map<string, Node>; items: Node | null };

/**
 * An input schema with the arguments that a tool declares: names, types, choices and which are required. An argument that the
 * tool reads without declaring it is not in it, as it is not in the server's own.
 */
export function schemaOf(parameters: readonly ToolParameter[]): Record<string, unknown> {
  const root = emptyNode();
  for (const parameter of parameters) {
    if (parameter.declared !== false) place(root, parameter);
  }
  return { type: "object", ...fieldsOf(root) };
}

function emptyNode(): Node {
  return { parameter: null, fields: new Map(), items: null };
}

/** `files[*].path` is a field of what a list holds. */
function place(root: Node, parameter: ToolParameter): void {
  const steps = parameter.name.split(".").flatMap((part) => part.split(/(?=\[\*\])/));
  if (steps.length > stepsMax) return;
  let at = root;
  for (const step of steps) {
    if (step === "[*]") {
      at.items ??= emptyNode();
      at = at.items;
      continue;
    }
    const field = at.fields.get(step) ?? emptyNode();
    at.fields.set(step, field);
    at = field;
  }
  at.parameter = parameter;
}

function nodeSchema(node: Node): Record<string, unknown> {
  const { parameter, fields, items } = node;
  const types = parameter?.types ?? impliedTypes(node);
  return {
    ...(types === null ? {} : { type: types.length === 1 ? types[0] : types }),
    ...(parameter?.choices === undefined ? {} : { enum: parameter.choices }),
    ...(fields.size > 0 ? fieldsOf(node) : {}),
    ...(items === null ? {} : { items: nodeSchema(items) }),
  };
}

/** Of a place that is only known by what lies in it. */
function impliedTypes({ parameter, fields, items }: Node): string[] | null {
  if (parameter !== null) return null;
  const types = [...(fields.size > 0 ? ["object"] : []), ...(items === null ? [] : ["array"])];
  return types.length === 0 ? null : types;
}

function fieldsOf({ fields }: Node): Record<string, unknown> {
  const required = [...fields].filter(([, { parameter }]) => parameter?.required).map(([name]) => name);
  return {
    // Not an assignment: `__proto__` is a name like any other.
    properties: Object.fromEntries([...fields].map(([name, node]) => [name, nodeSchema(node)])),
    ...(required.length > 0 ? { required } : {}),
  };
}
