// Whether arguments are what a tool's input schema asks for. The schema comes from the server and is untrusted: what cannot be
// read asks for nothing, and work is bounded. A help for whoever writes arguments by hand, no wall.
import { isDeepEqual } from "./deep-equal.ts";
import { pointerOf } from "./pointer.ts";

export type ArgumentProblem = { pointer: string; message: string };

const problemsMax = 20;
const stepsMax = 20_000;
const depthMax = 64;

/** The first of them, in the order of the arguments; empty when there is nothing to say. */
export function argumentProblems(inputSchema: unknown, args: unknown): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  const budget = { left: stepsMax };
  check(inputSchema, args, [], { root: inputSchema, problems, budget });
  return problems.slice(0, problemsMax);
}

type World = { root: unknown; problems: ArgumentProblem[]; budget: { left: number } };
type Path = readonly (string | number)[];
type Schema = Readonly<Record<string, unknown>>;

function check(given: unknown, value: unknown, path: Path, world: World): void {
  world.budget.left -= 1;
  if (world.budget.left < 0 || path.length > depthMax || world.problems.length >= problemsMax) return;
  const say = (message: string) => world.problems.push({ pointer: pointerOf(path), message });
  if (given === false) return void say("is not allowed here");
  const schema = resolved(given, world);
  if (schema === null) return;

  const types = typesIn(schema);
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    say(`must be ${types.map((type) => words[type] ?? type).join(" or ")}`);
    return;
  }
  if (Array.isArray(schema.enum) && !schema.enum.some((choice) => isDeepEqual(choice, value))) {
    say(`must be one of ${listed(schema.enum)}`);
  }
  if ("const" in schema && !isDeepEqual(schema.const, value)) say(`must be ${listed([schema.const])}`);
  if (typeof value === "number") checkNumber(schema, value, say);
  if (typeof value === "string") checkLength(schema, [...value].length, say);
  if (Array.isArray(value)) checkItems(schema, value, path, world, say);
  else if (typeof value === "object" && value !== null) checkMembers(schema, value as Schema, path, world);
  for (const part of listIn(schema.allOf)) check(part, value, path, world);
  for (const alternatives of [listIn(schema.anyOf), listIn(schema.oneOf)]) {
    if (alternatives.length > 0 && !alternatives.some((one) => fits(one, value, path, world))) {
      say("fits none of the forms that the tool takes");
    }
  }
}

function fits(schema: unknown, value: unknown, path: Path, { root, budget }: World): boolean {
  const problems: ArgumentProblem[] = [];
  check(schema, value, path, { root, budget, problems });
  return problems.length === 0;
}

function checkNumber(schema: Schema, value: number, say: (message: string) => void): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (typeof minimum === "number" && value < minimum) say(`must be ${minimum} or more`);
  if (typeof maximum === "number" && value > maximum) say(`must be ${maximum} or less`);
  if (typeof exclusiveMinimum === "number" && value <= exclusiveMinimum) say(`must be more than ${exclusiveMinimum}`);
  if (typeof exclusiveMaximum === "number" && value >= exclusiveMaximum) say(`must be less than ${exclusiveMaximum}`);
}

function checkLength({ minLength, maxLength }: Schema, length: number, say: (message: string) => void): void {
  if (typeof minLength === "number" && length < minLength) say(`must have ${minLength} characters or more`);
  if (typeof maxLength === "number" && length > maxLength) say(`must have ${maxLength} characters or fewer`);
}

function checkItems(
  schema: Schema,
  value: readonly unknown[],
  path: Path,
  world: World,
  say: (message: string) => void,
): void {
  const { minItems, maxItems, items } = schema;
  if (typeof minItems === "number" && value.length < minItems) say(`must have ${minItems} or more`);
  if (typeof maxItems === "number" && value.length > maxItems) say(`must have ${maxItems} or fewer`);
  if (items === undefined || Array.isArray(items)) return;
  for (const [index, item] of value.entries()) check(items, item, [...path, index], world);
}

function checkMembers(schema: Schema, value: Schema, path: Path, world: World): void {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  for (const name of listIn(schema.required)) {
    if (typeof name === "string" && !Object.hasOwn(value, name)) {
      world.problems.push({ pointer: pointerOf(path), message: `lacks \`${name}\`` });
    }
  }
  for (const [name, member] of Object.entries(value)) {
    const at = [...path, name];
    if (Object.hasOwn(properties, name)) check(properties[name], member, at, world);
    else if (schema.additionalProperties === false && schema.patternProperties === undefined) {
      world.problems.push({ pointer: pointerOf(at), message: "is not an argument of the tool" });
    } else if (isSchema(schema.additionalProperties)) check(schema.additionalProperties, member, at, world);
  }
}

/** References into the schema itself are followed, others ask for nothing. */
function resolved(given: unknown, { root, budget }: World): Schema | null {
  let schema = given;
  while (isSchema(schema) && typeof schema.$ref === "string") {
    budget.left -= 1;
    if (budget.left < 0 || !schema.$ref.startsWith("#")) return null;
    schema = schema.$ref
      .slice(1)
      .split("/")
      .slice(1)
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
      .reduce<unknown>((at, step) => (isSchema(at) && Object.hasOwn(at, step) ? at[step] : undefined), root);
  }
  return isSchema(schema) ? schema : null;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const words: Record<string, string> = {
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  null: "null",
  array: "a list",
  object: "an object",
};

function typesIn({ type }: Schema): string[] {
  const named = Array.isArray(type) ? type : [type];
  // Of a type that nobody knows nothing can be said.
  return named.every((one): one is string => typeof one === "string" && one in words) ? named : [];
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  // NaN is a number that a double cannot hold exactly.
  if (type === "integer") return Number.isInteger(value) || Number.isNaN(value);
  return typeof value === type;
}

function listed(choices: readonly unknown[]): string {
  const shown = choices.slice(0, 8).map((choice) => `\`${String(JSON.stringify(choice)).slice(0, 60)}\``);
  return `${shown.join(", ")}${choices.length > 8 ? ", …" : ""}`;
}
