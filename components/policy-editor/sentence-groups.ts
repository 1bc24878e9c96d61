import type { Explanation } from "../../policy/explain.ts";
import { capital } from "./blocks/capital.ts";

export type SentenceGroup = {
  /** JSON Pointer of what the group is about; "" for what holds for the document. */
  pointer: string;
  title: string;
  /** A name that the author wrote, to be set as code. */
  isName: boolean;
  sentences: { pointer: string; text: string }[];
};

const documentTitle = "The whole policy";

/**
 * The sentences of `explain` under what they are about: the document, all tools, each category, each tool. The subject then
 * stands once above its sentences.
 */
export function sentenceGroups(explanations: readonly Explanation[]): SentenceGroup[] {
  const groups = new Map<string, SentenceGroup>();
  for (const { pointer, sentence } of explanations) {
    const { at, title, isName } = groupOf(pointer);
    const group = groups.get(at) ?? { pointer: at, title, isName, sentences: [] };
    groups.set(at, group);
    // Of the hide list each entry is a sentence that begins with a tool's name.
    const text = pointer.startsWith("/hide/")
      ? sentence
      : capital(at === "" ? sentence : withoutSubject(sentence, title));
    group.sentences.push({ pointer, text });
  }
  return [...groups.values()];
}

function groupOf(pointer: string): { at: string; title: string; isName: boolean } {
  const [, place = "", name = ""] = pointer.split("/");
  if (place === "all_tools") return { at: "/all_tools", title: "Every tool, besides its own rule", isName: false };
  if (place === "categories") {
    return { at: `/categories/${name}`, title: `${name} tools that have no rule of their own`, isName: false };
  }
  if (place === "tools") {
    return { at: `/tools/${name}`, title: name.replaceAll("~1", "/").replaceAll("~0", "~"), isName: true };
  }
  return { at: "", title: documentTitle, isName: false };
}

/** A tool's name may have a colon in it, so the name is taken off where it is known. */
function withoutSubject(sentence: string, name: string): string {
  for (const subject of [name, `tools like ${name}`]) {
    if (sentence.startsWith(`${subject}: `)) return sentence.slice(subject.length + 2);
  }
  const end = sentence.indexOf(": ");
  return end < 0 ? sentence : sentence.slice(end + 2);
}

/** The groups that have every word, with the sentences that have them; a group whose title fits keeps all of its own. */
export function searchGroups(groups: readonly SentenceGroup[], search: string): SentenceGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...groups];
  const fits = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  return groups.flatMap((group) => {
    if (fits(group.title)) return [group];
    const sentences = group.sentences.filter(({ text }) => fits(`${group.title} ${text}`));
    return sentences.length === 0 ? [] : [{ ...group, sentences }];
  });
}
