import type { ServerCard, ToolCard } from "../../api/v1/catalog-schemas.ts";
import { isFiltered, type SearchAsked } from "./search-asked.ts";

export type Found = { items: readonly (ServerCard | ToolCard)[]; nextCursor: string | null };
/** How a search is done: in the database for the page, over the API for what is typed. */
export type Find = (asked: SearchAsked, limit: number) => Promise<Found>;

/** Where something is found instead. */
export type Suggestion = { why: "unfiltered" | "elsewhere" | "near"; asked: SearchAsked; items: Found["items"] };

const suggestedMax = 5;

/** For a search that finds nothing: without its filters, among the others, or by the beginning of its longest word. */
export async function suggest(asked: SearchAsked, find: Find): Promise<Suggestion | null> {
  const { q, of } = asked;
  const other = of === "servers" ? "tools" : "servers";
  const attempts: [Suggestion["why"], SearchAsked][] = [];
  if (isFiltered(asked)) attempts.push(["unfiltered", { q, of }]);
  if (q.trim() !== "") {
    attempts.push(["elsewhere", { q, of: other }]);
    const word = longestWord(q);
    if (word.length >= 4) {
      const beginning = word.slice(0, Math.max(3, Math.ceil(word.length / 2)));
      attempts.push(["near", { q: beginning, of }], ["near", { q: beginning, of: other }]);
    }
  }
  for (const [why, instead] of attempts) {
    const { items } = await find(instead, suggestedMax);
    if (items.length > 0) return { why, asked: instead, items };
  }
  return null;
}

function longestWord(text: string): string {
  return text.split(/[^\p{L}\p{N}]+/u).reduce((longest, word) => (word.length > longest.length ? word : longest), "");
}
