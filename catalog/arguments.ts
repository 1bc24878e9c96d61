import type { Lexicon } from "./lexicon.ts";
import { precedence } from "./precedence.ts";
import type { Signal } from "./schema.ts";
import { type Verb, verbOfName } from "./verbs.ts";
import { wordsOfName } from "./words.ts";

type Argument = { name: string; key: string; depth: number; isFlag: boolean; values: string[] };

const depthMax = 6;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** The arguments of a JSON Schema with their listed values, nested ones too, down to a fixed depth. */
function argumentsOf(schema: unknown, depth = 0, found: Argument[] = []): Argument[] {
  if (!isObject(schema) || depth > depthMax) return found;
  if (isObject(schema.properties)) {
    for (const [name, property] of Object.entries(schema.properties)) {
      const types = isObject(property) ? [property.type].flat() : [];
      const key = name.toLowerCase().replace(/[^a-z]/g, "");
      found.push({ name, key, depth, isFlag: types.includes("boolean"), values: valuesOf(property) });
      argumentsOf(property, depth + 1, found);
    }
  }
  for (const key of ["items", "anyOf", "oneOf", "allOf", "prefixItems"]) {
    for (const part of [schema[key]].flat()) argumentsOf(part, depth + 1, found);
  }
  return found;
}

function valuesOf(property: unknown): string[] {
  if (!isObject(property)) return [];
  const parts = [property, property.items, property.anyOf, property.oneOf].flat().filter(isObject);
  return parts.flatMap((part) => [part.enum, part.const].flat()).filter((value) => typeof value === "string");
}

/** What the rest of the definition speaks for; decides which arguments are only data. */
export type Spoken = {
  isRead: boolean;
  isWrite: boolean;
  /** Looks at code or SQL without running it. */
  isExamining: boolean;
  verbs: ReadonlySet<string>;
};

/** What the arguments speak for: listed values that name an action, and arguments that decide what is done. */
export function argumentSignals(schema: unknown, spoken: Spoken, lexicon: Lexicon): Signal[] {
  return argumentsOf(schema).flatMap((argument) => [
    ...(lexicon.selectors.has(argument.key) ? valueSignals(argument, spoken, lexicon) : []),
    ...flagSignals(argument, spoken, lexicon),
    ...rowSignals(argument, spoken, lexicon),
  ]);
}

/** `action: "delete"`. */
function valueSignals({ name, key, depth, values }: Argument, spoken: Spoken, lexicon: Lexicon): Signal[] {
  // One entry of a JSON Patch edits a document, whatever its `op`.
  if (key === "op" && depth > 1) return [];
  // The methods of HTTP say what is asked of another server; in a stored request they are data.
  const isHttp =
    values.some((value) => value.toUpperCase() === "GET") && values.some((value) => value.toUpperCase() === "POST");
  if (isHttp) return spoken.isWrite ? [] : [signal("argument.http", "Execute", `${name}: "POST"`)];

  return values.flatMap((value) => {
    const verb = firstVerb(value, lexicon);
    // `merge_train_removed` is something that happened, to filter by.
    if (verb === null || verb.row.noun || /ed$/i.test(value)) return [];
    if (precedence(verb.row.category) <= precedence("Read")) return [];
    return [signal("argument.value", verb.row.category, `${name}: "${value}"`, 0.7)];
  });
}

/** `deleteBranch: true`. */
function flagSignals({ name, depth, isFlag }: Argument, spoken: Spoken, lexicon: Lexicon): Signal[] {
  if (!isFlag || depth > 1 || spoken.isRead) return [];
  const [first, ...rest] = wordsOfName(name.slice(0, 100)).map(({ word }) => word);
  const loses =
    lexicon.lossFlagVerbs.has(first ?? "") ||
    (first === "remove" && rest.some((word) => lexicon.lossFlagObjects.has(word)));
  return loses ? [signal("argument.flag", "Destructive", name)] : [];
}

function rowSignals({ name, key, depth, isFlag }: Argument, spoken: Spoken, lexicon: Lexicon): Signal[] {
  const counts = (row: Lexicon["arguments"][number]) =>
    row.names.has(key) &&
    !spoken.isExamining &&
    !(row.flag && (!isFlag || depth > 1 || spoken.isRead)) &&
    (row.verbs === undefined || [...row.verbs].some((verb) => spoken.verbs.has(verb))) &&
    !(row.oftenData && (spoken.isRead || spoken.isWrite));
  return lexicon.arguments.filter(counts).map((row) => signal(row.id, row.category, name));
}

function firstVerb(name: string, lexicon: Lexicon): Verb | null {
  const first = wordsOfName(name.slice(0, 100))[0];
  return first === undefined ? null : verbOfName(first, lexicon);
}

function signal(id: string, category: Signal["category"], quote: string, weight = 0.6): Signal {
  return { id, category, source: "argument", quote, weight };
}
