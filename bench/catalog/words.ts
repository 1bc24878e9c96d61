// Names of made-up servers and tools, as an ecosystem might have them: a few words very often, most of them hardly ever.
import type { RiskCategory } from "../../catalog/schema.ts";

/** A row of numbers from 0 to 1 that is the same each time (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The first of the words often, the last seldom: by Zipf's law, the n-th one n times as seldom as the first. */
export function oneOf<Word>(words: readonly Word[], chance: () => number): Word {
  const word = words[Math.min(words.length - 1, Math.floor((words.length + 1) ** chance()) - 1)];
  if (word === undefined) throw new Error("there are no words");
  return word;
}

type Verbs = { category: RiskCategory; share: number; verbs: string[] };

/** As many of each category as real servers have, roughly. */
const verbs: readonly Verbs[] = [
  {
    category: "Read",
    share: 0.46,
    verbs: words(
      "get list search find fetch read show describe check query count view inspect lookup validate export compare analyze",
    ),
  },
  {
    category: "Write",
    share: 0.32,
    verbs: words(
      "create update add set send upload edit move rename copy assign archive publish post save tag invite merge",
    ),
  },
  {
    category: "Destructive",
    share: 0.12,
    verbs: words("delete remove purge drop clear terminate revoke wipe destroy reset uninstall"),
  },
  {
    category: "Execute",
    share: 0.09,
    verbs: words("run execute start stop trigger invoke deploy restart launch click build test connect resume pause"),
  },
  { category: "Financial", share: 0.01, verbs: words("pay charge refund transfer withdraw purchase invoice") },
];

export function oneVerb(chance: () => number): { verb: string; category: RiskCategory } {
  let left = chance();
  const row = verbs.find(({ share }) => {
    left -= share;
    return left < 0;
  });
  return row ? { verb: oneOf(row.verbs, chance), category: row.category } : { verb: "get", category: "Read" };
}

export const things = words(
  "user file issue project page document message task record item account event comment team table repository image order customer invoice product branch report database ticket workspace contact channel member folder group role note form field tag query log metric alert dashboard webhook token key secret session job pipeline workflow environment domain site post article video playlist track album photo album card board column list label milestone release commit review payment subscription plan coupon cart shipment address location route map place weather forecast stock price quote trade portfolio wallet balance transaction block contract policy rule permission scope device sensor camera lamp room schedule meeting calendar reminder attachment template snippet package module function class test suite schema index cluster node container volume network instance bucket queue topic stream cache model dataset embedding prompt agent thread run step tool resource survey question answer quiz course lesson student grade patient appointment prescription recipe ingredient menu reservation flight hotel booking ticketing seat loan mortgage claim candidate application interview employee payroll timesheet expense budget forecastline ledger tax audit risk incident vulnerability scan finding asset license vendor supplier warehouse inventory",
);

export const manners = words(
  "all by_id recent active bulk batch details status history metadata summary public private shared archived pending latest nested raw v2 async draft external internal default custom related linked filtered",
);

const syllables = words("ba co da fi go hu ka lo me ni pa ri so tu va we xo ya zi tra clo sta pri fle gra sno dri");

/** A name that nobody has: of two to four syllables. */
export function brand(chance: () => number): string {
  const count = 2 + Math.floor(chance() * 3);
  return Array.from({ length: count }, () => syllables[Math.floor(chance() * syllables.length)]).join("");
}

export const parameters = words(
  "id name query limit offset path url type status title description content page filter email date start end format key value user_id project_id file message text body tags labels options force recursive timeout format_version include exclude sort order cursor fields dry_run owner repo branch language region command sql",
);

const describing = words(
  "the a of with for and returns given from this when all each it into by their new existing matching optional specified available details information results using current",
);

/** A sentence that could stand in a definition. */
export function sentence(verb: string, thing: string, chance: () => number): string {
  const words = Array.from({ length: 6 + Math.floor(chance() * 30) }, () =>
    chance() < 0.6 ? oneOf(describing, chance) : oneOf(things, chance),
  );
  return `${verb}s a ${thing} ${words.join(" ")}.`;
}

function words(text: string): string[] {
  return text.split(" ");
}
