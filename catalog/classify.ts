import { annotationSignals } from "./annotations.ts";
import { argumentSignals } from "./arguments.ts";
import { readDescription } from "./description.ts";
import { findingsOf } from "./findings.ts";
import { foreignSignals } from "./foreign.ts";
import { type Lexicon, ownLexicon } from "./lexicon.ts";
import { lastAction, type NameReading, readName } from "./name.ts";
import { pairSignals } from "./pairs.ts";
import { precedence, worst } from "./precedence.ts";
import type { Reading } from "./reading.ts";
import { type Classification, type Signal, severityOf, type ToolDefinition } from "./schema.ts";
import type { Verb } from "./verbs.ts";
import { type Word, wordsOfName } from "./words.ts";

/** Below this, a signal is shown but does not decide. */
const decisiveWeight = 0.5;
const quoteLengthMax = 200;
const signalsMax = 30;

/**
 * Says how dangerous a tool is by its definition alone. The worst category for which a decisive signal speaks wins; words and
 * hints that promise harmlessness are never signals, so they cannot lower it. Without a decisive signal the answer is
 * `Other`. Linear in the size of the definition; never throws.
 */
export function classify(definition: ToolDefinition): Classification {
  return classifyBy(ownLexicon, definition);
}

/** As if we knew only what this lexicon holds: for measurements that take out of it what they must not know. */
export function classifyBy(lexicon: Lexicon, definition: ToolDefinition): Classification {
  const signals = gather(definition, lexicon);
  const decisive = signals.filter((signal) => signal.weight >= decisiveWeight);
  const category = worst(decisive)?.category ?? "Other";
  const ordered = signals.sort((a, b) => precedence(b.category) - precedence(a.category) || b.weight - a.weight);
  return {
    category,
    severity: severityOf[category],
    confidence: confidenceOf(category, decisive),
    // A definition of a megabyte must not become an answer of a megabyte.
    signals: ordered.slice(0, signalsMax).map((signal) => ({ ...signal, quote: cut(signal.quote) })),
    findings: findingsOf(definition, category, ordered),
  };
}

function gather(definition: ToolDefinition, lexicon: Lexicon): Signal[] {
  const description = typeof definition.description === "string" ? definition.description : "";
  const title = typeof definition.title === "string" ? definition.title : "";
  const wholeName = readName(definition.name, lexicon);
  const { main, later, isUnknown } = readDescription(description, wholeName, lexicon);
  const name = agreeing(wholeName, main, lexicon);

  const paired = pairSignals(definition.name, name, main, lexicon);
  const verbSignals = (reading: Reading, source: Signal["source"], text: string, weight: number) =>
    signalsOfVerbs(reading, source, text, weight, paired.replaced);

  const signals: Signal[] = [
    ...paired.signals,
    ...verbSignals(name, "name", definition.name, 0.9),
    ...verbSignals(agreeing(readName(title, lexicon), main, lexicon), "title", title, 0.6),
    ...verbSignals(main, "description", main.sentence, 0.8),
    ...foreignSignals(definition.name, "name", lexicon),
    ...foreignSignals(title, "title", lexicon),
    ...foreignSignals(main.sentence, "description", lexicon),
  ];
  for (const { verb, sentence } of later) {
    // "This runs …" is often said of a search; a loss or a change is worth believing wherever it is admitted.
    const weight = verb.row.category === "Execute" ? 0.4 : 0.6;
    signals.push({ id: verb.row.id, category: verb.row.category, source: "description", quote: cut(sentence), weight });
  }
  for (const { id, category, pattern } of lexicon.phrases) {
    const found = pattern.exec(description);
    if (found) signals.push({ id, category, source: "description", quote: found[0], weight: 0.6 });
  }
  if (name.verbs.every((verb) => verb.isLikelyNoun) && !isUnknown)
    signals.push(...nounSignals(definition.name, lexicon));

  const spoken = worst(signals.filter((signal) => signal.weight >= decisiveWeight))?.category;
  const isRead = spoken === "Read";
  const verbs = new Set([...name.verbs, ...main.verbs].map((verb) => verb.base));
  const isExamining = isRead && [...verbs].some((verb) => lexicon.examiningVerbs.has(verb));
  const isOfNoun = endsInNoun(name, lexicon);
  const nameWords = name.words.map((word) => word.word);
  return [
    ...signals,
    ...annotationSignals(definition.annotations),
    ...argumentSignals(
      definition.inputSchema,
      { isRead, isWrite: spoken === "Write", isExamining, verbs, isOfNoun, nameWords },
      lexicon,
    ),
  ];
}

const isLoss = (verb: Verb) => precedence(verb.row.category) >= precedence("Destructive");

/**
 * Which verbs of a name are its action, now that the description is read. When it begins with the same verb, or reads as the
 * name does, the others are what the action is about: `send_that_email_analyze` ("Analyze whether …"), `deploy_logs_get`. A name
 * that begins with a loss or with money keeps it.
 */
function agreeing(name: NameReading, main: Reading, lexicon: Lexicon): NameReading {
  const lead = main.verbs[0];
  const areNouns = name.verbs.every((verb) => verb.row.noun);
  if (lead === undefined && areNouns && endsInNoun(name, lexicon)) return asNouns(name, () => false);
  if (lead === undefined || name.isCompound) return name;
  const reads = lead.row.category === "Read";
  if (reads && areNouns) {
    // `pods_log`, "Get the logs …": a word that can be a noun, and is not the first, is one. The first is one in `issue_links`,
    // "List the links of an issue", and in `order_status`, where the name ends in what is read.
    const isOfNoun = endsInNoun(name, lexicon);
    return asNouns(name, (verb) => {
      if (isOfNoun) return false;
      return isLoss(verb) || (verb.word === name.words[0] && !isNounIn(main.words, verb.base));
    });
  }
  const same = name.verbs.filter((verb) => verb.base === lead.base);
  const alike = reads ? name.verbs.filter((verb) => verb.row.category === "Read") : [];
  const agreed = same.length > 0 ? same : alike;
  if (agreed.length === 0) return name;
  const isFirst = agreed.some((verb) => verb === name.verbs[0]);
  // A loss counts before what agrees, and where the name ends in it: `get_delete`, `read_purge_all`.
  const last = name.words[lastAction(name.words)];
  const counts = (verb: Verb) => agreed.includes(verb) || (isLoss(verb) && (!isFirst || verb.word === last));
  return { ...name, verbs: name.verbs.filter(counts) };
}

function signalsOfVerbs(
  reading: Reading,
  source: Signal["source"],
  text: string,
  weight: number,
  replaced: ReadonlySet<string>,
): Signal[] {
  const own = reading.verbs.filter((verb) => !replaced.has(verb.base));
  return own.map((verb) => ({
    id: verb.row.id,
    category: verb.row.category,
    source,
    quote: source === "description" ? cut(text) : verb.word.raw,
    weight: verb.row.noun ? weight - (verb.isLikelyNoun ? 0.45 : 0.2) : weight,
  }));
}

function asNouns(name: NameReading, isAction: (verb: Verb) => boolean): NameReading {
  return { ...name, verbs: name.verbs.map((verb) => (isAction(verb) ? verb : { ...verb, isLikelyNoun: true })) };
}

/** "an issue": with an article before it, it is no verb there. */
function isNounIn(words: readonly Word[], base: string): boolean {
  return words.some((word, at) => word.word === base && articles.has(words[at - 1]?.word ?? ""));
}

function endsInNoun(name: NameReading, { readNouns }: Lexicon): boolean {
  return readNouns.has(lastWord(name.words)?.word ?? "");
}

const articles = new Set(["a", "an", "the"]);

function lastWord(words: readonly Word[]): Word | undefined {
  return words.findLast((word) => !/^\d+$/.test(word.word));
}

function nounSignals(name: string, { readNouns }: Lexicon): Signal[] {
  const last = lastWord(wordsOfName(name));
  if (last === undefined || !readNouns.has(last.word)) return [];
  return [{ id: "noun.read", category: "Read", source: "name", quote: last.raw, weight: 0.5 }];
}

/** High when several parts of the definition agree, low when a single weak one had to decide. */
function confidenceOf(category: Classification["category"], decisive: readonly Signal[]): number {
  if (category === "Other") return 0;
  const agreeing = decisive.filter((signal) => signal.category === category);
  const strongest = Math.max(...agreeing.map((signal) => signal.weight));
  const sources = new Set(agreeing.map((signal) => signal.source)).size;
  // A create that is also an Execute is no doubt; something that also looks like a Read is.
  const against = category !== "Read" && decisive.some((signal) => signal.category === "Read") ? 0.2 : 0;
  return Math.round(Math.min(0.99, strongest + 0.05 * (sources - 1) - against) * 100) / 100;
}

function cut(text: string): string {
  return text.length <= quoteLengthMax ? text : `${text.slice(0, quoteLengthMax - 1)}…`;
}
