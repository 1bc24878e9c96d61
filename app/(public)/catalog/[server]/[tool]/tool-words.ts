// What a tool's page says, for any tool: our own sentences about what its definition shows. A server's words are only ever
// quoted, and never here.
import type { ToolParameter } from "../../../../../catalog/facts.ts";
import type { RiskCategory, Severity } from "../../../../../catalog/schema.ts";
import { type Said, say, sayList, sayTicked } from "../../_parts/say.tsx";
import { firstSentence } from "../../_parts/visible.ts";

/** What is known of a tool, as far as the words need it. */
export type ToldTool = {
  name: string;
  summary: string | null;
  description: string | null;
  category: RiskCategory;
  severity: Severity;
  presence: string;
  state: string;
  parameters: readonly ToolParameter[];
  signals: readonly { id: string; category: RiskCategory; source: string; quote: string | null }[];
};

/** One line: the server's own first sentence, our summary, or what the arguments say. */
export function oneLine(tool: ToldTool): { quote: string } | { said: Said } {
  const sentence = tool.description === null ? "" : firstSentence(tool.description);
  if (sentence !== "") return { quote: sentence };
  if (tool.summary !== null) return { said: sayTicked(tool.summary) };
  const names = tool.parameters.map(({ name }) => name);
  if (names.length === 0)
    return { said: say`A tool that names no arguments and that the catalog has no description of.` };
  return { said: ["Takes ", ...sayList(names), "; the catalog has no description of it."] };
}

/** What an agent calls it for. */
export function whatItDoes({ name, category }: ToldTool, server: { title: string }): Said {
  switch (category) {
    case "Read":
      return say`AI agents call ${name} to look something up in ${server}. Nothing found in its definition changes anything there; what it returns goes into the agent's context as it is.`;
    case "Write":
      return say`AI agents call ${name} to create or change something in ${server}. The change outlives the conversation, and others may see it before anybody has looked at it.`;
    case "Execute":
      return say`AI agents call ${name} to trigger actions in ${server}. What it does depends on the arguments that the agent supplies, and its effects often reach beyond the call itself: builds started, messages sent, machines running.`;
    case "Destructive":
      return say`AI agents call ${name} to delete, end or reset something in ${server}. What it removes may not come back.`;
    case "Financial":
      return say`AI agents call ${name} to move money through ${server}, or to take on an obligation to pay. Calling another tool seldom takes that back.`;
    case "Other":
      return say`AI agents can call ${name} on ${server}, and nothing in its definition says what happens then. It is treated like a tool that runs things, never like one that only reads.`;
  }
}

/** Why it needs a policy: the category's own reason, then what this tool's arguments and its place in the server's list add. */
export function whyItNeedsOne(tool: ToldTool): Said[] {
  return [
    reasonOf(tool),
    ...kindReasons(tool),
    ...argumentReasons(tool),
    ...undeclaredReason(tool),
    ...presenceReason(tool),
  ];
}

function reasonOf({ name, category }: ToldTool): Said {
  switch (category) {
    case "Read":
      return say`Reading is the least of the risks, and still one. What ${name} returns may hold instructions that the agent follows, and data that another tool can carry away.`;
    case "Write":
      return say`What ${name} changes stays changed when the conversation is over. An agent that misunderstood, or that follows a sentence in a document it read, writes as readily as one that did not, and in a loop it does so again and again.`;
    case "Execute":
      return say`${name} sets something going, and its arguments decide what. Nothing in a call tells whether the agent was asked for it or talked into it, and a loop can repeat it dozens of times a minute.`;
    case "Destructive":
      return say`An agent that mistakes one name for another, or follows instructions that somebody left in a document, cannot take back what ${name} has removed.`;
    case "Financial":
      return say`A wrong amount, a wrong recipient or the same call twice: with ${name} each of them costs money before anybody has looked.`;
    case "Other":
      return say`Nobody can tell from its definition what ${name} does, and an agent cannot either. Until a person knows, each call is a guess.`;
  }
}

/** What some kinds of tools have about them, by the row of the signals' table that told. */
const kinds: Record<string, string> = {
  "pair.machine":
    "It acts on machines in somebody's account: what it starts goes on after the call is over, and may cost money as long as it does.",
  "pair.keys": "It types into something that is running, which takes what is typed as if a person had done it.",
  "pair.screen": "It works a screen: what a click does is decided by the page under it, not by the tool.",
  "pair.sql": "It hands a statement to a database, and a statement can do whatever the account that runs it may do.",
  "phrase.loss": "Its own definition says that what it does cannot be undone.",
};

function kindReasons({ signals }: ToldTool): Said[] {
  const ids = new Set(signals.map(({ id }) => id));
  return Object.entries(kinds).flatMap(([id, sentence]) => (ids.has(id) ? [[sentence]] : []));
}

/** One sentence for each argument that the classification rests on. */
function argumentReasons({ signals }: ToldTool): Said[] {
  const quoted = signals.flatMap(({ source, category, quote }) =>
    source === "argument" && quote !== null ? [{ category, quote }] : [],
  );
  return [...new Map(quoted.map((each) => [each.quote, each])).values()].slice(0, 3).flatMap(({ category, quote }) => {
    const [name = quote, value] = splitValue(quote);
    if (value !== null) return [say`One of the values it takes, ${quote}, does more than its name says.`];
    switch (category) {
      case "Execute":
        return [say`The argument ${name} decides what is done, and the agent writes it.`];
      case "Destructive":
        return [say`The argument ${name} widens what a call can undo.`];
      case "Financial":
        return [say`The argument ${name} makes a call cost money.`];
      case "Write":
        return [say`With the argument ${name} a call leaves something behind where it would otherwise only read.`];
      default:
        return [];
    }
  });
}

/** `action: "delete"` names an argument and one of its values. */
function splitValue(quote: string): [string, string | null] {
  const at = quote.indexOf(": ");
  return at === -1 ? [quote, null] : [quote.slice(0, at), quote.slice(at + 2)];
}

function undeclaredReason({ parameters }: ToldTool): Said[] {
  const names = parameters.filter(({ declared }) => !declared).map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    [
      "Its code also reads ",
      ...sayList(names),
      ", which its schema does not name: whoever calls it can put anything there, and a check against the schema sees nothing of it.",
    ],
  ];
}

function presenceReason({ name, presence, state }: ToldTool): Said[] {
  if (state === "gone")
    return [say`The newest list of the server has no ${name} any more. A tool that comes back may not be the same.`];
  if (presence === "unlisted") {
    return [
      say`The server answers calls of ${name} although its list does not have it, so no client shows it and nobody approves it.`,
    ];
  }
  if (presence === "declared") {
    return [
      say`${name} is declared in the server's source and was not in its list when it was last looked at. A later version may list it without a word.`,
    ];
  }
  return [];
}

/** Each signal once, those of the decided category first, with a quotation only where there is a real one. */
export function evidenceOf<
  Signal extends { category: RiskCategory; source: string; quote: string | null; weight: number },
>(category: RiskCategory, signals: readonly Signal[], shownMax = 6): Signal[] {
  const seen = new Set<string>();
  return [...signals]
    .sort((a, b) => Number(b.category === category) - Number(a.category === category) || b.weight - a.weight)
    .filter(({ source, quote, category: said }) => {
      const key = JSON.stringify([source, quote, said]);
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, shownMax);
}
