// Facts about the arguments of a call that are kept for later: the values at the paths that policies mention and nothing else,
// so that another policy can be asked what it would have answered. What was not kept is unknown, never guessed.
import { type JsonType, jsonTypeOf } from "./input-schema.ts";
import { elementWork, isLookAlike, type KnownNames, namesIn, nameWork } from "./look-alikes.ts";
import { workMax } from "./operators.ts";

/** What is kept of one value. */
export type RecordedValue =
  | { value: string | number | boolean | null }
  /** A number that a double cannot hold: NaN to the evaluator. */
  | { inexact: true }
  /** The fields that paths lead into, and those that may be taken for one of them; in the order of the call. */
  | { fields: [name: string, value: RecordedValue][] }
  | { items: RecordedValue[] }
  | Withheld;

type Withheld = { withheld: "not_scalar" | "too_long" | "too_many" | "not_mentioned"; type: JsonType };

/** What is kept of a call's arguments, besides the names of the outermost ones (`argumentNames`). */
export type RecordedArguments = {
  /** The mentioned paths whose first name the call has, sorted. What they lead to is in `values`. */
  paths: string[];
  values: [name: string, value: RecordedValue][];
};

/** The paths that are kept, prepared. */
export type Mentions = { paths: readonly { first: string; text: string }[]; names: KnownNames };

const valueBytesMax = 256;
const itemsMax = 64;
/** About as many characters may be kept of a call. */
const charactersMax = 16 * 1024;
const namesMax = 64;
const nameLengthMax = 128;
/** Stands last among the names of arguments when they do not say all. */
export const andMore = "…";
/** Names may take this much of an evaluation's work before they count as too many: so little that it decides nothing else. */
const namesWorkMax = workMax / 100;

/** Prepares paths for `recordArguments`; null when none of them leads to an argument. */
export function mentionsOf(paths: readonly string[]): Mentions | null {
  const names = namesIn(paths);
  if (names.fields.size === 0) return null;
  return { paths: paths.map((path) => ({ first: firstName(path), text: JSON.stringify(path) })), names };
}

/** The first name of `args.<name>…`, as path.ts reads it. */
export function firstName(path: string): string {
  return /^args\.([^.[\]]*)/s.exec(path)?.[1] ?? "";
}

/**
 * The names of a call's outermost arguments. `andMore` stands behind them when they do not tell what is there: too many, too
 * long, or arguments that are no object.
 */
export function argumentNames(args: unknown): string[] {
  if (args === null || args === undefined) return [];
  if (typeof args !== "object" || Array.isArray(args)) return [andMore];
  const all = Object.keys(args);
  const names = all.slice(0, namesMax).map((name) => name.slice(0, nameLengthMax));
  const isWhole = all.length <= namesMax && all.every((name) => name.length <= nameLengthMax);
  if (!isWhole || workOfNames(args, namesWorkMax) > namesWorkMax) names.push(andMore);
  return names;
}

/** What findLookAlike may spend on the names in a value; stops above `max`. */
function workOfNames(value: object, max: number): number {
  let work = 0;
  const open: object[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) work += elementWork * next.length;
    for (const [name, item] of Array.isArray(next) ? next.entries() : Object.entries(next)) {
      if (typeof name === "string") work += nameWork + name.length;
      if (work > max) return work;
      if (typeof item === "object" && item !== null) open.push(item);
    }
  }
  return work;
}

/**
 * What is kept of a call's arguments: `RecordedArguments` as JSON text, which is what is sealed; objects on the way there would
 * cost every call as much again.
 *
 * @returns Null when no path leads into these arguments: then their names say all there is to know.
 */
export function recordArguments(args: unknown, mentions: Mentions): string | null {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return null;
  const room = { left: charactersMax };
  let values = "";
  let count = 0;
  for (const name of Object.keys(args)) {
    const known = mentions.names.fields.get(name);
    if (known === undefined) continue;
    if (count >= namesMax) return null;
    const value = recordedValue((args as Record<string, unknown>)[name], [known], room);
    values += `${count === 0 ? "" : ","}[${jsonText(name)},${value}]`;
    count += 1;
  }
  if (count === 0) return null;
  let paths = "";
  for (const { first, text } of mentions.paths) {
    if (Object.hasOwn(args, first)) paths += paths === "" ? text : `,${text}`;
  }
  return `{"paths":[${paths}],"values":[${values}]}`;
}

/** ASCII that JSON has as it is. */
const plain = /^[ !#-[\]-~]*$/;

/** What JSON.stringify says, which takes longer to be called than a short text takes to be looked through. */
function jsonText(value: unknown): string {
  return typeof value === "string" && plain.test(value) ? `"${value}"` : JSON.stringify(value);
}

type Room = { left: number };

/** JSON text of a `RecordedValue`. */
function recordedValue(value: unknown, known: readonly KnownNames[], room: Room): string {
  const ends = known.some((names) => names.ends);
  if (typeof value === "object" && value !== null) {
    const hasSteps = known.some(({ fields, each }) => fields.size > 0 || (each !== null && Array.isArray(value)));
    if (!hasSteps) return withheld(value, ends ? "not_scalar" : "not_mentioned", room);
    const recorded = Array.isArray(value) ? recordedItems(value, known, room) : recordedFields(value, known, room);
    return recorded === "too_many" ? withheld(value, "too_many", room) : recorded;
  }
  if (value === null) return '{"value":null}';
  if (!ends) return withheld(value, "not_mentioned", room);
  if (Number.isNaN(value)) return '{"inexact":true}';
  if (typeof value === "string" && value.length > valueBytesMax) return withheld(value, "too_long", room);
  const text = jsonText(value);
  const length = typeof value === "boolean" ? 5 : bytesOf(text);
  if (length > valueBytesMax) return withheld(value, "too_long", room);
  if (room.left < length) return withheld(value, "too_many", room);
  room.left -= length;
  return `{"value":${text}}`;
}

/** About what a value that is withheld takes in the record. */
const withheldLength = 40;

function withheld(value: unknown, why: Withheld["withheld"], room: Room): string {
  room.left -= withheldLength;
  return `{"withheld":"${why}","type":"${jsonTypeOf(value)}"}`;
}

function recordedItems(items: readonly unknown[], known: readonly KnownNames[], room: Room): string {
  const hasSteps = known.some(({ each, fields }) => each !== null || [...fields.keys()].some(isIndex));
  // Names lead nowhere in an array.
  if (!hasSteps) return '{"withheld":"not_mentioned","type":"array"}';
  if (items.length > itemsMax) return "too_many";
  const recorded: string[] = [];
  for (const [index, item] of items.entries()) {
    recorded.push(recordedValue(item, namesAt(known, index), room));
    if (room.left <= 0) return "too_many";
  }
  return `{"items":[${recorded.join(",")}]}`;
}

function namesAt(known: readonly KnownNames[], index: number): KnownNames[] {
  const found: KnownNames[] = [];
  for (const { each, fields } of known) {
    if (each !== null) found.push(each);
    const field = fields.size === 0 ? undefined : fields.get(String(index));
    if (field !== undefined) found.push(field);
  }
  return found;
}

const isIndex = (name: string) => /^(?:0|[1-9]\d{0,9})$/.test(name);

function recordedFields(fields: object, known: readonly KnownNames[], room: Room): string {
  const recorded: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const below = known.flatMap((names) => names.fields.get(name) ?? []);
    if (below.length === 0 && !isLookAlike(name, known)) continue;
    room.left -= name.length;
    if (room.left <= 0) return "too_many";
    recorded.push(`[${jsonText(name)},${recordedValue(value, below, room)}]`);
    if (room.left <= 0) return "too_many";
  }
  return `{"fields":[${recorded.join(",")}]}`;
}

/** Bytes of UTF-8, counted only as far as it matters. */
function bytesOf(text: string): number {
  return text.length * 3 <= valueBytesMax ? text.length : new TextEncoder().encode(text).length;
}
