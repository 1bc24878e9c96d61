import { precedence } from "../../catalog/precedence.ts";
import { type Classification, type RiskCategory, riskCategories } from "../../catalog/schema.ts";
import type { Labelled } from "./labelled.ts";

export type Answered = Labelled & { answer: Classification };

/** The category an answer counts as: the label when it is one of those that can be defended. */
export function countedAs({ answer, accepted, gold }: Answered): RiskCategory {
  return accepted.has(answer.category) ? gold : answer.category;
}

const isCritical = (category: RiskCategory) => category === "Destructive" || category === "Financial";
const ofGold = (answered: readonly Answered[], holds: (gold: RiskCategory) => boolean) =>
  answered.filter(({ gold }) => holds(gold));

/** The four figures, and how sure the answers were. */
export function figures(answered: readonly Answered[]): string[] {
  const changing = ofGold(answered, (gold) => gold !== "Read");
  const reading = ofGold(answered, (gold) => gold === "Read");
  const critical = ofGold(answered, isCritical);
  return [
    share("state-changing tools called Read", changing, (one) => countedAs(one) === "Read"),
    share("critical tools missed", critical, (one) => !isCritical(countedAs(one))),
    share("Read tools called something worse", reading, (one) => countedAs(one) !== "Read"),
    `${"macro-F1".padEnd(36)} ${macroF1(answered).toFixed(3)}`,
    `${"right, by confidence".padEnd(36)} ${byConfidence(answered)}`,
  ];
}

function share(what: string, all: readonly Answered[], isWrong: (one: Answered) => boolean): string {
  const wrong = all.filter(isWrong).length;
  return `${what.padEnd(36)} ${wrong} of ${all.length} (${((100 * wrong) / Math.max(1, all.length)).toFixed(1)} %)`;
}

/** Over the categories that occur among the labels. */
function macroF1(answered: readonly Answered[]): number {
  const categories = [...new Set(answered.map(({ gold }) => gold))];
  const scores = categories.map((category) => {
    const right = answered.filter((one) => one.gold === category && countedAs(one) === category).length;
    const missed = answered.filter((one) => one.gold === category).length - right;
    const wrong = answered.filter((one) => one.gold !== category && countedAs(one) === category).length;
    return (2 * right) / (2 * right + missed + wrong);
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function byConfidence(answered: readonly Answered[]): string {
  const bins = new Map<number, Answered[]>();
  for (const one of answered) {
    const bin = Math.min(9, Math.floor(one.answer.confidence * 10));
    bins.set(bin, [...(bins.get(bin) ?? []), one]);
  }
  const ordered = [...bins].sort(([a], [b]) => b - a);
  return ordered
    .map(([bin, ones]) => `${bin / 10}+: ${ones.filter((one) => countedAs(one) === one.gold).length}/${ones.length}`)
    .join("  ");
}

/** Labels down, answers across. */
export function confusion(answered: readonly Answered[]): string[] {
  const head = `${"label \\ answer".padEnd(16)}${riskCategories.map((category) => category.padStart(12)).join("")}`;
  const rows = riskCategories
    .filter((gold) => gold !== "Other")
    .map((gold) => {
      const of = answered.filter((one) => one.gold === gold);
      const cells = riskCategories.map((category) => of.filter((one) => countedAs(one) === category).length);
      return `${gold.padEnd(16)}${cells.map((count) => String(count).padStart(12)).join("")}`;
    });
  return [head, ...rows];
}

/** The worst first: a danger that is taken for less weighs most, and more so the surer the answer was. */
export function worstMistakes(answered: readonly Answered[], count: number): Answered[] {
  const harm = (one: Answered) => {
    const steps = precedence(one.gold) - precedence(one.answer.category === "Other" ? "Execute" : one.answer.category);
    return (steps > 0 ? 10 * steps : -steps) + one.answer.confidence;
  };
  const wrong = answered.filter((one) => countedAs(one) !== one.gold);
  return wrong.sort((a, b) => harm(b) - harm(a)).slice(0, count);
}

/** Why: what spoke, and what would have had to. */
export function explained({ server, definition, gold, answer }: Answered): string[] {
  const spoke = answer.signals.filter(({ weight }) => weight >= 0.5).slice(0, 4);
  const quoted = spoke.map(
    ({ id, source, quote }) => `${id} in the ${source} (${JSON.stringify(oneLine(quote).slice(0, 70))})`,
  );
  const why = quoted.length > 0 ? quoted.join("; ") : "nothing in it is a word of the table";
  const text = oneLine(typeof definition.description === "string" ? definition.description : "").slice(0, 110);
  return [
    `${gold} taken for ${answer.category} (${answer.confidence}): ${definition.name} of ${server}`,
    `    says: ${text || "nothing"}`,
    `    because: ${why}`,
  ];
}

const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();
