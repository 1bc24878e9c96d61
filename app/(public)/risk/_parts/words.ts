import { classify } from "../../../../catalog/classify.ts";
import { type RiskCategory, riskCategories, type Severity } from "../../../../catalog/schema.ts";

/** What a category means, for tables. */
export const meaning: Record<RiskCategory, string> = {
  Read: "Changes nothing: searches, lists, gets, validates, or asks a read-only query.",
  Write: "Creates or changes something, in a way that can be put right again. Sending a message counts.",
  Execute: "Runs code, queries, actions in a user interface, or machines. What it does depends on its arguments.",
  Destructive: "Deletes, wipes, ends or resets something, with a loss.",
  Financial: "Moves money, or creates an obligation to pay.",
  Other: "Nothing in its definition says what it does. It is treated as Execute, never as Read.",
};

/** The recommended rule, in a few words. */
export const recommendedWords: Record<RiskCategory, string> = {
  Read: "Allowed, without conditions",
  Write: "30 calls a minute for each tool and grant",
  Execute: "10 calls a minute, and rules for commands, paths, URLs and SQL",
  Destructive: "Hidden: not in the list, and denied when called",
  Financial: "Only with a person's approval",
  Other: "Only with a person's approval",
};

export const severityAbout: Record<Severity, { oneLine: string; sentences: readonly string[] }> = {
  low: {
    oneLine: "Tools that change nothing. What they return is what matters.",
    sentences: [
      "Calling a tool of low risk twice does the same as calling it once: nothing to put right.",
      "Low is not none. What it reads may be private, and what it returns is text of strangers that goes into the model's context, orders included.",
      "A tool is low only when something in its definition says that it reads and nothing says that it does more.",
    ],
  },
  medium: {
    oneLine: "Tools that change something that can be changed back.",
    sentences: [
      "A wrong call of a tool of medium risk costs somebody time: a note to delete, a setting to put back, a message to explain.",
      "One such call is seldom the trouble. Three hundred of them are, so a limit is the first rule.",
      "A tool that sends is a way out for data. Bind its recipients where the schema names them.",
    ],
  },
  high: {
    oneLine: "Tools whose effect depends on what the agent puts into them.",
    sentences: [
      "A tool of high risk runs what it is given, or starts something whose effects reach beyond the call: builds, machines, notifications, costs.",
      "The same name can be harmless and ruinous, so a rule about the name alone is not enough. Limit it, and say which arguments it may have.",
      "Tools that nothing is known of are high as well: unknown is never taken for harmless.",
    ],
  },
  critical: {
    oneLine: "Tools that lose something for good, or spend money.",
    sentences: [
      "What a tool of critical risk did cannot be taken back by calling another one.",
      "An agent that does not need it should not see it. Hidden tools are left out of the list, and a call of one is answered as if there were none.",
      "Where it belongs to the task, bind what it may touch, count amounts, and let a person agree to the rest.",
    ],
  },
};

const verbs: Record<RiskCategory, string> = {
  Read: "get list search find read show describe count check validate verify inspect",
  Write: "create update add set edit write insert save send reply upload rename",
  Execute: "run execute eval invoke trigger start stop restart deploy install click navigate",
  Destructive: "delete destroy erase wipe purge remove drop terminate kill uninstall truncate revoke",
  Financial: "pay buy sell withdraw reimburse settle borrow lend repay donate",
  Other: "",
};

/** Verbs by which the classifier knows the category: those of ours that it agrees on today. */
export function tellingVerbs(category: RiskCategory): string[] {
  return verbs[category].split(" ").filter((verb) => verb && classify({ name: `${verb}_it` }).category === category);
}

export const worstSeverityFirst: readonly Severity[] = ["critical", "high", "medium", "low"];

/** Of an address, in any case of letters. */
export function categoryNamed(segment: string): RiskCategory | undefined {
  return riskCategories.find((category) => category.toLowerCase() === segment);
}

export function severityNamed(segment: string): Severity | undefined {
  return worstSeverityFirst.find((severity) => severity === segment);
}
