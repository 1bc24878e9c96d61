import type { PlacedBlock } from "./block-items.ts";
import type { Limit, RateLimit } from "./schema.ts";
import { asLimit, conditionsWords, durationWords, inChip, shortLimitWords } from "./words.ts";

export {
  type Block,
  type BlockKind,
  blocksOf,
  type Item,
  itemOf,
  type KnownBlock,
  type PlacedBlock,
} from "./block-items.ts";
export { dropBlock, firstLimit, newBlock } from "./new-block.ts";

/** The short text of a block's chip, like: 10 a minute; instanceType is one of t3.micro, t3.small; Mon–Fri 9–17. */
export function blockWords({ block, item, list }: PlacedBlock): string {
  switch (block.kind) {
    case "rate_limit":
    case "spend_limit":
      return quotaWords(item as Limit | RateLimit);
    case "must_be":
      return conditionsWords(block.conditions, "every", inChip);
    case "must_not_be":
      return `not when ${conditionsWords(block.conditions, "any", inChip)}`;
    case "hours":
      return `${block.weekdays ? `${weekdaysWords(block.weekdays)} ` : ""}${block.from}–${block.to}`;
    case "ask_when": {
      const when =
        block.conditions.length === 0 ? "always" : `when ${conditionsWords(block.conditions, "any", inChip)}`;
      return `ask ${when}${block.timeout === undefined ? "" : ` (within ${durationWords(block.timeout)})`}`;
    }
    case "custom":
      if ("conditions" in item) return list === "require" ? "always holds" : "denies every call";
      return quotaWords(item);
  }
}

function quotaWords(item: Limit | RateLimit): string {
  const limit = "counter" in item ? item : asLimit(item);
  return shortLimitWords(limit)
    .replace(/^at most /, "")
    .replace("in total of args.", "of ");
}

const weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Like: Mon–Fri, or: Mon, Wed–Fri. */
function weekdaysWords(weekdays: readonly number[]): string {
  const sorted = [...weekdays].sort((a, b) => a - b);
  const runs: number[][] = [];
  for (const day of sorted) {
    const run = runs.at(-1);
    if (run && run.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  const name = (day: number | undefined) => weekdayNames[(day ?? 1) - 1] ?? "";
  return runs
    .map((run) => {
      if (run.length === 1) return name(run[0]);
      return `${name(run[0])}${run.length === 2 ? ", " : "–"}${name(run.at(-1))}`;
    })
    .join(", ");
}
