import type { Lexicon } from "./lexicon.ts";
import type { NameReading } from "./name.ts";
import { precedence } from "./precedence.ts";
import { conjunctions, determiners, prepositions, type Reading, set } from "./reading.ts";
import { type Verb, verbOfText } from "./verbs.ts";
import { type Word, wordsOfText } from "./words.ts";

const skipped = set(
  "this that it the a an tool tools function endpoint method command api action operation mcp server use used using call when you need want to should can will would must may lets let allows helps help us users user your agents agent clients client for which is be your please simply easily also then and first step mandatory required important note warning caution critical deprecated beta experimental new safely quickly automatically permanently recursively efficiently directly optionally immediately successfully currently ability able provides provide supports support only one off oneoff single multiple all whenever just do does always now async asynchronously batch bulk manually programmatically asks designed intended primary main powerful advanced high low level",
);
const runningVerbs = set("run execute");
/** To run one of these is to run whatever it says, also when the name speaks of a query. */
const executables = set(
  "sql cypher statement statements script code command commands raw arbitrary custom javascript python",
);
const lightVerbs = set("perform run execute do make conduct");
/** What can follow a verb besides its object: `tear down`, `report to`. */
const particles = set("or and to up down out off");
const readers = set("you your users user agents clients developers ai llms models");
const articles = set("a an the");
const circumstances = set("when before after while if");
/** What follows one of these is what is done, noun or not. */
const doers = set("tool it will can that which");
const ties = set("to that which will can");

/** May the word be an action here? One that is as often a noun needs something after it that a verb takes. */
function isAction(verb: Verb, before: Word | undefined, next: Word | undefined): boolean {
  // "Replies for a message", "when writing code", "Run this tool first" do not say what the tool does.
  if (verb.form === "s" && next !== undefined && (prepositions.has(next.word) || next.word === "which")) return false;
  if (verb.form === "ing" && before !== undefined && circumstances.has(before.word)) return false;
  // "Enables you to search" offers something; "Enables a plugin" does it.
  if (verb.base === "enable" && next !== undefined && readers.has(next.word)) return false;
  if (before !== undefined && articles.has(before.word)) return false;
  if (!verb.row.noun || (before !== undefined && doers.has(before.word))) return true;
  if (verb.form === "ing") return false;
  if (verb.row.category === "Read" && verb.form === "base") return true;
  return next !== undefined && (determiners.has(next.word) || particles.has(next.word));
}

/** "Place/cancel orders": beside another verb it is one. */
function isInRow(sentence: string, word: Word, next: Word | undefined, lexicon: Lexicon): boolean {
  return next !== undefined && sentence.slice(word.end, next.start) === "/" && verbOfText(next, lexicon) !== null;
}

/** "Transfer ERC1155 tokens" of `transfer_erc1155`; "Log search" of `log_search` says no more than the name. */
function repeatsName(at: number, verb: Verb, next: Word | undefined, name: NameReading, lexicon: Lexicon): boolean {
  if (at > 0 || verb.form !== "base" || next === undefined || !name.bases.has(verb.base)) return false;
  const following = verbOfText(next, lexicon);
  return following === null || !name.bases.has(following.base);
}

/** `pay-ins` and `read-only` are words of their own, and `$expand` is somebody's parameter. */
function isLiteral(sentence: string, word: Word): boolean {
  if (/[$@#]/.test(sentence[word.start - 1] ?? "")) return true;
  const after = sentence.slice(word.end, word.end + 2);
  return /^-\p{L}/u.test(after) || /\p{L}-$/u.test(sentence.slice(Math.max(0, word.start - 2), word.start));
}

/** Reads one sentence: the verb it begins with, and the verbs joined to that one (`builds, signs and submits`). */
export function readSentence(sentence: string, name: NameReading, lexicon: Lexicon): Reading {
  const nameVerbs = new Set(name.verbs.map((verb) => verb.base));
  const words = wordsOfText(sentence, 40);
  const verbs: Verb[] = [];
  let lead = -1;
  let isOpen = true;
  for (let at = 0; at < Math.min(words.length, 14); at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const verb = verbOfText(word, lexicon);
    const tied = isOpen || ties.has(words[at - 1]?.word ?? "");
    const counts =
      verb !== null &&
      tied &&
      (isAction(verb, words[at - 1], words[at + 1]) ||
        isInRow(sentence, word, words[at + 1], lexicon) ||
        repeatsName(at, verb, words[at + 1], name, lexicon)) &&
      !isLiteral(sentence, word) &&
      !(words[at + 1]?.word === "this" && words[at + 2]?.word === "tool");
    if (counts && !(skipped.has(word.word) && at < words.length - 1 && !nameVerbs.has(verb.base))) {
      verbs.push(verb);
      lead = at;
      break;
    }
    // "SQL query executor that runs …": past the first word of substance, only a verb that is tied on can still follow.
    const opens =
      skipped.has(word.word) || word.word.endsWith("ly") || /^\d+$/.test(word.word) || sentence[word.end] === ":";
    isOpen = isOpen && opens;
  }
  const first = verbs[0];
  if (first !== undefined) verbs.push(...joined(sentence, words, lead, first, lexicon));
  const light =
    first && lightVerbs.has(first.base)
      ? lightObject(words.slice(lead + 1, lead + 6), nameVerbs, runningVerbs.has(first.base), lexicon)
      : null;
  return { verbs: light ? [light, ...verbs.slice(1)] : verbs, words: words.slice(Math.max(lead, 0)) };
}

/**
 * "Perform a search" is a search, and "Perform a partial update" an update. "Run a query" is a search only when the name asks
 * for nothing more than reading.
 */
function lightObject(
  words: readonly Word[],
  nameVerbs: ReadonlySet<string>,
  runs: boolean,
  lexicon: Lexicon,
): Verb | null {
  if (runs && words.some((word) => executables.has(word.word))) return null;
  const isRequest = words.some((word) => word.word === "http");
  for (const word of words) {
    const verb = verbOfText(word, lexicon);
    if (verb === null || determiners.has(word.word)) continue;
    if (verb.row.category === "Read") return !runs || nameVerbs.has(verb.base) ? verb : null;
    return runs || isRequest ? null : verb;
  }
  return null;
}

/**
 * Verbs in the same form as the first and joined to it by a comma, a slash, "and" or "or". In a row of verbs (`builds, signs
 * and submits`) each counts; further on, where lists of things begin, only a verb that clearly has an object.
 */
function joined(sentence: string, words: readonly Word[], lead: number, first: Verb, lexicon: Lexicon): Verb[] {
  const also: Verb[] = [];
  let isRow = true;
  for (let at = lead + 1; at < words.length; at += 1) {
    const word = words[at];
    const before = words[at - 1];
    if (word === undefined || before === undefined) break;
    if (conjunctions.has(word.word) || word.word.endsWith("ly")) continue;
    const between = sentence.slice(before.end, word.start);
    // "the max buy/sell size": what stands before a slash must be one of the verbs itself.
    const isSlashed = /[/&+]/.test(between) && (before === words[lead] || also.at(-1)?.word === before);
    // "Show (unhide) …"
    const isInBrackets = at === lead + 1 && /^\s*\($/.test(between);
    const afterConjunction = conjunctions.has(before.word) || before.word.endsWith("ly") || isSlashed || isInBrackets;
    const isJoined = afterConjunction || (isRow && between.includes(","));
    const verb = isJoined ? verbOfText(word, lexicon) : null;
    const counts = verb !== null && verb.form === first.form && !verb.row.noun && !isLiteral(sentence, word);
    if (!counts || !hasObject(sentence, verb, words[at + 1], isRow)) {
      isRow = false;
      continue;
    }
    also.push(verb);
  }
  return also;
}

function hasObject(sentence: string, verb: Verb, next: Word | undefined, isRow: boolean): boolean {
  if (isRow && verb.form !== "s") return true;
  if (next === undefined || /^\s*[,.)]/.test(sentence.slice(verb.word.end))) return isRow;
  if (prepositions.has(next.word) && next.word !== "to") return false;
  if (precedence(verb.row.category) >= precedence("Destructive") || isRow) return true;
  return determiners.has(next.word) || next.word === "to";
}
