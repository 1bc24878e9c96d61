// What a tool does to what, as its name and its strongest signal say: by this, tools of different servers are alike.
import type { SignalFact } from "./facts.ts";
import type { RiskCategory } from "./schema.ts";
import { wordsOfName } from "./words.ts";

export type KinTool = { name: string; category: RiskCategory; signals: readonly SignalFact[] };

/** `follows`: whether the object stands behind the verb, as in `delete_file`; in `jira_delete` it is rather where than what. */
type Deed = { signal: SignalFact | null; verb: string; object: string; follows: boolean };

/** After these, a name says where and how: `get_user_by_id` is about users. */
const prepositions = new Set(
  "a all an and any as at by for from in into is my of on or per the to using via with without".split(" "),
);
const wordLengthMax = 40;

/**
 * Category, strongest signal, object and verb with a space between: `Destructive verb.delete file remove`. In the order of these
 * keys, tools that do the same to the same things stand together, and beside them those that do it to others.
 */
export function kinOf(tool: KinTool): string {
  const { signal, object, verb } = deedOf(tool);
  return [tool.category, signal?.id ?? "-", object || "-", verb || "-"].join(" ");
}

/** How much alike the tools of two keys are: 4 for the same deed, 0 for not even the same category. */
export function kinship(one: string, other: string): number {
  const [a, b] = [one.split(" "), other.split(" ")];
  if (a[0] !== b[0]) return 0;
  if (a[1] !== b[1]) return 1;
  if (a[2] !== b[2] || a[2] === "-") return 2;
  return a[3] === b[3] ? 4 : 3;
}

const generalDeeds: Record<RiskCategory, string> = {
  Read: "only reads",
  Write: "makes changes",
  Execute: "sets something going",
  Destructive: "deletes",
  Financial: "moves money",
  Other: "says nothing of what it does",
};

/** Verbs that are written as one word in names and as two in a sentence, or shortened. */
const spoken: Record<string, string> = {
  backup: "backs up",
  cleanup: "cleans up",
  eval: "evaluates",
  exec: "executes",
  init: "initializes",
  login: "logs in",
  logout: "logs out",
  lookup: "looks up",
  rollout: "rolls out",
  setup: "sets up",
  shutdown: "shuts down",
  teardown: "tears down",
};
/** Signals that are no verbs, or none here: nobody says that a tool infoes, or that it news a page. */
const unspoken = new Set(
  (
    "agent command context detail details diff docs documentation downtime forward guide history index indexes info insight " +
    "insights issues log logs map message messages metric metrics monitor new order place power query reader record sample " +
    "schema ssh stage stat stats status style table tables tree types usage version weather whoami"
  ).split(" "),
);
/** Of those, the ones that are verbs when a thing follows: `forward_message`. */
const transitive = new Set("forward monitor query record".split(" "));
/** Words at a name's end that are no things. */
const noThings = new Set("anything bulk catch done everything it me related safe sim tool v".split(" "));

/** What the tool does, to follow its name or "also": `deletes files`. In general words where its name does not say it as a sentence. */
export function deedWords(tool: KinTool): string {
  const { signal, verb, object, follows } = deedOf(tool);
  if (signal?.source === "argument" && signal.quote !== null) return `takes \`${signal.quote}\``;
  // Other scripts have no third person to put on.
  if (!/^[a-z]+$/.test(verb)) return generalDeeds[tool.category];
  const takesObject = follows && object !== verb && !noThings.has(object);
  if (unspoken.has(verb) && !(takesObject && transitive.has(verb))) return generalDeeds[tool.category];
  return [spoken[verb] ?? thirdPerson(verb), takesObject ? plural(object) : ""].filter((word) => word !== "").join(" ");
}

function deedOf({ name, category, signals }: KinTool): Deed {
  const strength = ({ source, weight }: SignalFact) => (source === "name" ? 1 : 0) + weight;
  const own = signals.filter((signal) => signal.category === category);
  const signal = own.reduce<SignalFact | null>(
    (best, next) => (best === null || strength(next) > strength(best) ? next : best),
    null,
  );
  const words = wordsOfName(name.slice(0, 200)).map(({ word }) => word.slice(0, wordLengthMax));
  const verb = verbIn(signal, signals);
  const isVerb = (word: string) => word === verb;
  const about = words.filter((word) => !/^(?:\d+|v)$/.test(word));
  const end = about.findIndex((word, at) => at > 0 && prepositions.has(word) && !about.slice(0, at).every(isVerb));
  const things = (end === -1 ? about : about.slice(0, end)).filter((word) => !isVerb(word) && !prepositions.has(word));
  const object = things.at(-1) ?? "";
  return { signal, verb, object: singular(object), follows: about.indexOf(object) > about.indexOf(verb) };
}

/** A signal of a pair (`create` and `image`) quotes the whole name: then another one says which word of it is the verb. */
function verbIn(signal: SignalFact | null, all: readonly SignalFact[]): string {
  if (signal?.source !== "name") return "";
  for (const { source, quote } of [signal, ...all]) {
    const words = source === "name" ? wordsOfName(quote ?? "") : [];
    if (words.length === 1) return words[0]?.word ?? "";
  }
  return "";
}

function singular(word: string): string {
  if (!/^[a-z]{4,}$/.test(word) || /(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (/(?:ch|sh|x|ss)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith("s") ? word.slice(0, -1) : word;
}

const uncounted = new Set("content data information info media metadata news status text work".split(" "));

function plural(word: string): string {
  if (!/^[a-z]{2,}$/.test(word) || uncounted.has(word) || /^[a-z]{2}s$/.test(word)) return word;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

function thirdPerson(verb: string): string {
  if (/[^s]s$/.test(verb)) return verb; // said so already
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh|[^aeiou]o)$/.test(verb) ? `${verb}es` : `${verb}s`;
}
