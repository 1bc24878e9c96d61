import { type Attack, policyText } from "./attack.ts";
import { cwe, sources } from "./sources.ts";

const policy = policyText({
  version: "1",
  default: "deny",
  hide: ["close_account"],
  categories: { Read: {} },
  tools: {
    add_note: { limits: [{ counter: "add_note_rate", window: "minute", max: 30, scope: "grant" }] },
    refund: {
      require: [{ conditions: [{ path: "args.amount", op: "lte", value: 500 }], on_deny: "Refunds end at 500." }],
      approve_if: [
        {
          conditions: [{ path: "args.amount", op: "gt", value: 50 }],
          message: "A refund of more than 50.",
          timeout: 600,
        },
      ],
      limits: [{ counter: "refunds", window: "day", max: 20, scope: "grant" }],
    },
  },
});

const read = (tool: string, atS: number, about: string) =>
  ({ tool, category: "Read", arguments: { id: "c-7" }, atS, about, expect: "allowed" }) as const;
const note = (atS: number, about: string) =>
  ({
    tool: "add_note",
    category: "Write",
    arguments: { id: "c-7", text: "…" },
    atS,
    about,
    expect: "allowed",
  }) as const;
const refund = (amount: number, atS: number, about: string, expect: string) =>
  ({ tool: "refund", category: "Financial", arguments: { id: "c-7", amount }, atS, about, expect }) as const;

export const consentFatigue: Attack = {
  slug: "consent-fatigue",
  title: "Consent fatigue",
  oneLine: "Whoever is asked a hundred times says yes the hundred and first time too.",
  group: "calls",
  standing: "contained",
  mechanism: [
    "A client asks before each call. Nearly all of them are harmless, so the answer is nearly always yes: Anthropic counted 93 % for its coding agent.",
    'After an hour the question is not read any more. Then somebody presses "always allow", for the tool or for the whole server.',
    "The one call that should have been refused comes in the same words as the others. An attacker can help: with many small questions before it, or with a summary that hides the argument that matters.",
    "What remains is a record that a person agreed.",
  ],
  preconditions: [
    "Questions come by the dozen, and a wrong yes costs as little effort as a right one.",
    "What is shown is not what decides: long arguments, cut text, a name instead of an effect.",
  ],
  needs: ["Any tools. The more of them ask, the better it works."],
  detection: [
    "The share of yes. If it is close to all, the question is no control.",
    "The time to the answer: a second is not enough to read a command.",
    "Rules that ask and were never answered with no.",
  ],
  containment: [
    "Decide by rule what can be decided by rule. Reading is free, writing is limited, the forbidden is hidden: none of it asks anybody.",
    "Ask by argument and not by tool: refunds over 50, not each refund.",
    "Put a bound above the question as well: a yes cannot lift a `require` or a limit, they are checked first.",
  ],
  gateway: [
    "What needs a person does not leave the gateway without one. The agent is told so, and goes on with something else.",
    "The order is fixed: what is denied or over a limit is never put before anybody.",
    "The log shows how often each rule asked. One that asks all day wants a condition.",
  ],
  limits: [
    "Somebody has to answer in the end, and can be wrong. A policy makes the questions few; it does not make them right.",
    "An approval holds for the very call that was looked at, once. Whoever approves a tool for a whole session gives that up for as long as it lasts.",
    "The client's own questions are the client's. The gateway can neither add to them nor take them away.",
  ],
  policy,
  demonstrations: [
    {
      kind: "calls",
      title: "A day of support in ten calls",
      about: "A client that asks each time asks ten times. This policy asks once.",
      policy,
      calls: [
        read("get_customer", 0, "Looks up the customer"),
        read("list_orders", 2, "Looks up the orders"),
        read("get_invoice", 4, "Looks up the invoice"),
        note(6, "Writes down what was said"),
        refund(12, 8, "Refunds shipping", "allowed"),
        read("get_invoice", 10, "Looks again"),
        refund(180, 12, "Refunds the order: the one question", "approval_required"),
        refund(5_000, 14, "Refunds what was never paid: not even asked", "requirement_failed"),
        {
          tool: "close_account",
          category: "Destructive",
          arguments: { id: "c-7" },
          atS: 16,
          about: "Closes the account: not even shown",
          expect: "hidden",
        },
        note(18, "Writes down how it ended"),
      ],
    },
  ],
  gatewayTest:
    "gateway/attacks.integration.test.ts › consent-fatigue: through the gateway each call is decided as the page says",
  furtherTests: [],
  sources: [
    {
      title: "Anthropic: Claude Code auto mode, on approval fatigue",
      url: "https://www.anthropic.com/engineering/claude-code-auto-mode",
    },
    sources.mcpScopes,
    sources.mcpTools,
    sources.owaspAgency,
    cwe(451, "user interface misrepresentation of critical information"),
  ],
};
