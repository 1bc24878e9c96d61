// What of a server's words about itself goes on to a caller: lists without what it may not see, introductions without words
// that nobody accepted and without capabilities that are refused. Nothing is written anew: the bytes of all the rest are the
// upstream's own, with every field and every digit that it sent.
import type { MethodGroup } from "../policy/server-settings.ts";
import { cutServerCapabilities } from "./capabilities.ts";
import {
  applied,
  cutMembers,
  type Edit,
  elementsOf,
  objectAt,
  onlyMember,
  type Span,
  signsOf,
  skipSpace,
} from "./json-walk.ts";

/** One element of a list. */
export type Listed = {
  /** Null when it has no name that is a string. */
  name: string | null;
  /** As the server sent it. */
  definition: string;
};

/** What the caller may see at this moment. */
export type View = {
  /** For each tool of one list whether it stays. */
  tools(listed: readonly Listed[]): readonly boolean[];
  prompts(listed: readonly Listed[]): readonly boolean[];
  /** @param definition JSON text of a string. */
  instructions(definition: string): boolean;
  /** Groups of methods whose capabilities are taken out of what the server says it can do. */
  refused: ReadonlySet<MethodGroup>;
};

/** Longer than this no client may rely on a list: so long at most a change of the policy takes to reach it. */
export const listTtlMsMax = 60_000;

const words = ["tools", "prompts", "instructions", "capabilities", "inputRequests", "taskId"];
/** One character less than the longest word in its quotes, so that each is seen also where two chunks meet. */
export const seamLength = Math.max(...words.map((word) => word.length)) + 1;
/** Whether the text may hold something to be left out. */
export const mayHoldUnseen = signsOf(...words);

/** Whether bytes may, given as latin1 text. */
export function mayBytesHoldUnseen(part: string): boolean {
  // The last two are `\u017f` and `\u212a`, which a forgiving parser takes for s and k, in UTF-8.
  return mayHoldUnseen(part) || part.includes("\xc5\xbf") || part.includes("\xe2\x84\xaa");
}

/**
 * Cuts what the caller may not see out of every result in a message (or an array of messages).
 *
 * @returns The text itself when nothing had to change; null when it cannot be read with certainty (not JSON, or a member that
 *   decides given twice), and then it must not be passed on.
 */
export function asSeen(text: string, view: View): string | null {
  try {
    JSON.parse(text); // from here on the text is sound JSON, and walking it is simple
    const edits: Edit[] = [];
    const start = skipSpace(text, 0);
    if (text[start] === "{") editMessage(text, start, view, edits);
    if (text[start] === "[") {
      for (const element of elementsOf(text, start)) {
        if (text[element.from] === "{") editMessage(text, element.from, view, edits);
      }
    }
    return applied(text, edits);
  } catch {
    return null;
  }
}

function editMessage(text: string, message: number, view: View, edits: Edit[]): void {
  const result = objectAt(text, message, "result");
  if (result === null) return;
  const changed = [
    editList(text, result, "tools", view.tools, edits),
    editList(text, result, "prompts", view.prompts, edits),
    editIntroduction(text, result, view, edits),
  ];
  if (changed.includes(true)) keepPrivate(text, result, edits);
}

function editList(
  text: string,
  result: number,
  member: "tools" | "prompts",
  judge: View["tools"],
  edits: Edit[],
): boolean {
  const list = onlyMember(text, result, member);
  if (list === null || text[list.from] !== "[") return false;
  const elements = elementsOf(text, list.from);
  const stays = judge(elements.map((element) => listed(text, element)));
  const shown = new Set(elements.filter((_, at) => stays[at] === true));
  if (shown.size < elements.length) {
    edits.push({ from: list.from + 1, to: list.to - 1, put: joined(text, elements, shown) });
  }
  return true;
}

function listed(text: string, element: Span): Listed {
  const span = text[element.from] === "{" ? onlyMember(text, element.from, "name") : null;
  const name: unknown = span === null ? null : JSON.parse(text.slice(span.from, span.to));
  return { name: typeof name === "string" ? name : null, definition: text.slice(element.from, element.to) };
}

/** The elements that stay, each with what stood between it and the one before. */
function joined(text: string, elements: readonly Span[], shown: ReadonlySet<Span>): string {
  let put = "";
  let before: Span | undefined;
  for (const element of elements) {
    if (shown.has(element)) {
      const between = put === "" || before === undefined ? "" : text.slice(before.to, element.from);
      put += between + text.slice(element.from, element.to);
    }
    before = element;
  }
  return put;
}

/** The answer to `initialize` or `server/discover`, which is told by its capabilities. @returns Whether it was changed. */
function editIntroduction(text: string, result: number, view: View, edits: Edit[]): boolean {
  const capabilities = objectAt(text, result, "capabilities");
  if (capabilities === null) return false;
  const before = edits.length;
  if (view.refused.size > 0) edits.push(...cutServerCapabilities(text, capabilities, view.refused));
  const instructions = onlyMember(text, result, "instructions");
  if (instructions !== null && text[instructions.from] !== "n" && !view.instructions(slice(text, instructions))) {
    edits.push(...cutMembers(text, result, new Set(["instructions"])));
  }
  return edits.length > before;
}

/** What one caller sees must not be kept for another, nor for long (2026-07-28, caching). */
function keepPrivate(text: string, result: number, edits: Edit[]): void {
  const scope = onlyMember(text, result, "cacheScope");
  if (scope !== null && JSON.parse(slice(text, scope)) === "public") edits.push({ ...scope, put: '"private"' });
  const ttl = onlyMember(text, result, "ttlMs");
  if (ttl !== null && Number(slice(text, ttl)) > listTtlMsMax) edits.push({ ...ttl, put: String(listTtlMsMax) });
}

function slice(text: string, { from, to }: Span): string {
  return text.slice(from, to);
}
