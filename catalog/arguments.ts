import { admissionIn } from "./admissions.ts";
import type { Lexicon, LexiconArgument } from "./lexicon.ts";
import { pairsOf } from "./pairs.ts";
import { precedence, worst } from "./precedence.ts";
import { prepositions } from "./reading.ts";
import type { Signal } from "./schema.ts";
import { type Argument, argumentsOf, toldValuesOf, valuesOf } from "./schema-arguments.ts";
import { type Verb, verbOfName } from "./verbs.ts";
import { wordsOfName } from "./words.ts";

/** What the rest of the definition speaks for; decides which arguments are only data. */
export type Spoken = {
  isRead: boolean;
  isWrite: boolean;
  /** Looks at code or SQL without running it. */
  isExamining: boolean;
  verbs: ReadonlySet<string>;
  nameWords: readonly string[];
  /** Its name ends in what is read (`endpoint_details`). */
  isOfNoun: boolean;
};

/** What a request is made of; without any of it none is made. */
const requestKeys = new Set(["url", "uri", "body", "headers", "payload", "data"]);

/** What the arguments speak for: listed values that name an action, and arguments that decide what is done. */
export function argumentSignals(schema: unknown, spoken: Spoken, lexicon: Lexicon): Signal[] {
  const all = argumentsOf(schema);
  const isAboutRequests = spoken.isRead && spoken.isOfNoun && !all.some(({ key }) => requestKeys.has(key));
  const signals: Signal[] = [];
  // A loop, because most of the many arguments of a large list say nothing.
  for (const argument of all) {
    if (lexicon.selectors.has(argument.key)) {
      signals.push(...valueSignals(argument, { ...spoken, isAboutRequests }, lexicon));
    }
    if (argument.isFlag && argument.depth <= 1 && !spoken.isRead) signals.push(...flagSignals(argument, lexicon));
    const rows = lexicon.arguments.get(argument.key);
    if (rows !== undefined) signals.push(...rowSignals(argument, rows, spoken));
    if (argument.description !== "" && argument.depth <= 1 && !spoken.isExamining) {
      signals.push(...admissionSignals(argument, lexicon));
    }
  }
  return signals;
}

/** `action: "delete"`. */
function valueSignals(argument: Argument, spoken: Spoken & { isAboutRequests: boolean }, lexicon: Lexicon): Signal[] {
  const { name, key, depth } = argument;
  // One entry of a JSON Patch edits a document, whatever its `op`.
  if (key === "op" && depth > 1) return [];
  const listed = valuesOf(argument);
  const values = listed.length > 0 || !lexicon.toldSelectors.has(key) ? listed : toldValuesOf(argument);
  const verbs = values.map((value) => firstVerb(value, lexicon));
  const isFilter =
    spoken.isRead && values.length > 1 && [...lexicon.filteringVerbs].some((verb) => spoken.verbs.has(verb));
  if (isFilter && !verbs.some((verb) => verb?.row.category === "Read")) return [];
  // A mode is as often a way of looking at something (`drop_attribution`) as an action.
  if (lexicon.vagueSelectors.has(key) && verbs.filter((verb) => verb !== null).length * 2 < values.length) return [];
  // The methods of HTTP say what is asked of another server; in a stored request they are data.
  const isHttp =
    values.some((value) => value.toUpperCase() === "GET") && values.some((value) => value.toUpperCase() === "POST");
  if (isHttp)
    return spoken.isWrite || spoken.isAboutRequests ? [] : [signal("argument.http", "Execute", `${name}: "POST"`)];

  return values.flatMap((value, at) => {
    const verb = verbs[at] ?? null;
    // `create` of a tool about invoices.
    const pair = verb === null ? undefined : worst(pairsOf(verb, spoken.nameWords, lexicon));
    if (pair !== undefined) return [signal("argument.value", pair.category, `${name}: "${value}"`, 0.7)];
    // `merge_train_removed` is something that happened, to filter by.
    if (verb === null || verb.row.noun || /ed$/i.test(value)) return [];
    // `start-after-completion` says when.
    if (prepositions.has(wordsOfName(value.slice(0, 100))[1]?.word ?? "")) return [];
    if (precedence(verb.row.category) <= precedence("Read")) return [];
    return [signal("argument.value", verb.row.category, `${name}: "${value}"`, 0.7)];
  });
}

/** `deleteBranch: true`. */
function flagSignals({ name }: Argument, lexicon: Lexicon): Signal[] {
  const [first, ...rest] = wordsOfName(name.slice(0, 100)).map(({ word }) => word);
  const loses =
    lexicon.lossFlagVerbs.has(first ?? "") ||
    (first === "remove" && rest.some((word) => lexicon.lossFlagObjects.has(word)));
  return loses ? [signal("argument.flag", "Destructive", name)] : [];
}

function rowSignals({ name, depth, isFlag }: Argument, rows: readonly LexiconArgument[], spoken: Spoken): Signal[] {
  const counts = (row: LexiconArgument) =>
    !spoken.isExamining &&
    !(row.flag && (!isFlag || depth > 1 || spoken.isRead)) &&
    (row.verbs === undefined || [...row.verbs].some((verb) => spoken.verbs.has(verb))) &&
    !(row.oftenData && (spoken.isRead || spoken.isWrite));
  return rows.filter(counts).map((row) => signal(row.id, row.category, name));
}

/** What the text about an argument admits: `confirm: "permanently deletes every note"`. */
function admissionSignals({ name, isFlag, description }: Argument, lexicon: Lexicon): Signal[] {
  const admission = admissionIn(description, isFlag, lexicon);
  return admission === null ? [] : [signal("argument.admits", "Destructive", `${name}: "${admission}"`)];
}

function firstVerb(name: string, lexicon: Lexicon): Verb | null {
  const first = wordsOfName(name.slice(0, 100))[0];
  return first === undefined ? null : verbOfName(first, lexicon);
}

function signal(id: string, category: Signal["category"], quote: string, weight = 0.6): Signal {
  return { id, category, source: "argument", quote, weight };
}
