import type { ToolParameter } from "../facts.ts";
import { type RiskCategory, type Severity, severityOf } from "../schema.ts";
import { wordsOfName } from "../words.ts";

/** What is looked at of a tool. */
export type AttackedTool = {
  name: string;
  category: RiskCategory;
  severity: Severity;
  parameters: readonly ToolParameter[];
  signals: readonly { id: string; category: RiskCategory }[];
};

const words = (list: string) => new Set(list.split(" "));

/** What an argument is for, by the words of its name. */
const argumentKinds = {
  language: words("command cmd shell script code expression sql query statement argv args eval javascript python"),
  path: words("path paths file files filename filepath directory dir folder cwd"),
  address: words("url urls uri host hostname endpoint webhook href domain ip"),
  recipient: words("to cc bcc recipient recipients email emails channel chat phone address webhook mention audience"),
  money: words("amount price cost budget quantity total currency bid payment maxprice value"),
  subject: words("account user owner tenant customer organization organisation project workspace member"),
  credential: words("token password secret apikey credential credentials authorization passphrase"),
} as const;
type ArgumentKind = keyof typeof argumentKinds;
const argumentKindNames = Object.keys(argumentKinds) as ArgumentKind[];

/** `_callerRole`, `asUser`, `is_admin`. */
const roleName =
  /^_{0,3}(?:(?:caller|requester|actor|user|acting)_?role|as_?(?:user|admin)|is_?(?:admin|root|superuser)|sudo|impersonate\w*|on_?behalf_?of)$/i;

const senders = words(
  "send post publish upload share reply email mail message notify tweet comment forward push submit webhook invite",
);
const strangersText = words(
  "web page url browse browser crawl scrape fetch search issue issues mail email emails inbox message messages comment comments thread chat channel feed news tweet review reviews ticket tickets document documents pull request log logs transcript",
);
const secrets = words(
  "secret secrets env environment config configuration credential credentials key keys token tokens password passwords log logs dump settings",
);
const privateData = words(
  "file files database table row rows customer customers user users contact contacts mail email emails inbox message messages document documents record records secret secrets note notes memory history calendar invoice invoices repository",
);
const costly = words(
  "vm vms instance instances cluster server droplet machine environment campaign batch bulk deploy job",
);

/** A tool of the category that has everything an attack could want. */
export function mostAbusable(category: RiskCategory): AttackedTool {
  const names = ["command", "path", "url", "recipient", "amount", "account"];
  const parameters = names.map((name) => ({ name, types: null, required: false, declared: true }));
  const name = category === "Read" ? "read_web_page_secret_file" : "send";
  return { name, category, severity: severityOf[category], parameters, signals: [] };
}

/** How well each pattern fits the tool, by slug; those that do not fit are left out. */
export function fitness(tool: AttackedTool): Map<string, number> {
  const { category } = tool;
  const nameWords = wordsOfName(tool.name.slice(0, nameLengthMax)).map(({ word }) => word);
  const has = (set: ReadonlySet<string>) => nameWords.some((word) => set.has(word));
  const args = tool.parameters.slice(0, argumentsMax).map(({ name, choices }) => ({ last: lastStep(name), choices }));
  const takes = argumentKindsOf(args);
  const signalled = (id: string) => tool.signals.some((signal) => signal.id === id);
  const isRead = category === "Read";
  const isLoss = category === "Destructive" || tool.signals.some((signal) => signal.category === "Destructive");
  const isSender = !isRead && (has(senders) || takes.has("recipient"));

  const scores: [slug: string, score: number][] = [
    ["privilege-escalation-by-argument", args.some(({ last }) => roleName.test(last)) ? 100 : 0],
    ["argument-injection", injection(takes, isRead, signalled)],
    ["destructive-action-by-mistake", category === "Destructive" ? 94 : isLoss && !isRead ? 62 : 0],
    ["excessive-spend", spend(category, takes, has(costly) || signalled("pair.machine"))],
    ["data-exfiltration", isSender ? 82 : isRead && has(privateData) ? 60 : takes.has("address") ? 48 : 0],
    ["indirect-prompt-injection", isRead ? (has(strangersText) || takes.has("address") ? 75 : 30) : isSender ? 52 : 34],
    ["runaway-loops", { Execute: 72, Other: 64, Financial: 66, Write: 50, Destructive: 56, Read: 0 }[category]],
    ["credential-leak", has(secrets) && isRead ? 66 : takes.has("credential") ? 46 : 0],
    ["token-passthrough", takes.has("credential") ? 58 : 0],
    ["confused-deputy", !isRead && takes.has("subject") ? 54 : isRead && takes.has("subject") ? 32 : 0],
    ["tool-shadowing", isSender ? 45 : category === "Financial" ? 40 : 0],
    ["consent-fatigue", { Execute: 38, Other: 44, Financial: 48, Write: 0, Destructive: 42, Read: 0 }[category]],
    ["rug-pull", isRead ? 0 : 20],
  ];
  return new Map(scores.filter(([, score]) => score > 0));
}

function injection(takes: ReadonlySet<ArgumentKind>, isRead: boolean, signalled: (id: string) => boolean): number {
  if (["argument.command", "argument.sql", "argument.code"].some(signalled)) return 96;
  if (takes.has("language") && !isRead) return 90;
  if (takes.has("address") || takes.has("path")) return isRead ? 70 : 78;
  return takes.has("language") ? 40 : 0;
}

function spend(category: RiskCategory, takes: ReadonlySet<ArgumentKind>, isCostly: boolean): number {
  if (category === "Financial") return 98;
  if (category === "Read") return 0;
  if (takes.has("money")) return isCostly ? 80 : 58;
  return isCostly && category === "Execute" ? 70 : 0;
}

/** A server may list any number of arguments, of any length. */
const argumentsMax = 300;
const nameLengthMax = 200;

type Argument = { last: string; choices: ToolParameter["choices"] };

/** Of a nested name the last one: `options.filePath` is a path. */
function lastStep(name: string): string {
  return name.slice(-nameLengthMax).replaceAll("[*]", "").split(".").at(-1) ?? "";
}

function argumentKindsOf(args: readonly Argument[]): Set<ArgumentKind> {
  const kinds = new Set<ArgumentKind>();
  for (const { last, choices } of args) {
    // Of a few values none is a path or a command of the caller's.
    if (choices !== undefined) continue;
    const parts = [last.toLowerCase(), ...wordsOfName(last).map(({ word }) => word)];
    for (const kind of argumentKindNames) if (parts.some((part) => argumentKinds[kind].has(part))) kinds.add(kind);
  }
  return kinds;
}
