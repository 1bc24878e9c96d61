import { type Attack, policyText } from "./attack.ts";
import { sources } from "./sources.ts";

const policy = policyText({
  version: "1",
  default: "deny",
  tools: {
    create_vm: {
      require: [
        {
          conditions: [{ path: "args.instance_type", op: "in", value: ["small", "medium"] }],
          on_deny: "Only small and medium machines.",
        },
      ],
      limits: [{ counter: "spend", window: "day", max: 50, scope: "organisation", increment_from: "args.max_price" }],
    },
    send_payment: {
      require: [{ conditions: [{ path: "args.currency", op: "eq", value: "EUR" }], on_deny: "Only euros." }],
      approve_if: [
        { conditions: [{ path: "args.amount", op: "gt", value: 100 }], message: "A payment of more than 100 euros." },
      ],
      limits: [{ counter: "paid", window: "day", max: 250, scope: "grant", increment_from: "args.amount" }],
    },
  },
});

const vm = (max_price: unknown, atS: number, about: string, expect: string, instance_type = "small") =>
  ({ tool: "create_vm", category: "Execute", arguments: { instance_type, max_price }, atS, about, expect }) as const;
const pay = (amount: unknown, atS: number, about: string, expect: string, more: object = {}) =>
  ({
    tool: "send_payment",
    category: "Financial",
    arguments: { amount, currency: "EUR", ...more },
    atS,
    about,
    expect,
  }) as const;

export const excessiveSpend: Attack = {
  slug: "excessive-spend",
  title: "Excessive spend",
  oneLine: "Calls that cost money, one reasonable call at a time.",
  group: "calls",
  standing: "stopped",
  mechanism: [
    "A tool moves money, or makes something that costs: machines, model calls, mails, advertisements, shipping.",
    "Each call is small and plausible. The agent repeats it: because it does not see that it worked, because it was told to, because nothing says stop.",
    "Or one argument decides the price: `instance_type`, `count`, `max_price`, `quantity`.",
    "The bill comes later than the loop.",
  ],
  preconditions: [
    "The price follows from arguments that the agent chooses.",
    "Nothing on the way adds up what was spent, over calls, sessions and agents.",
  ],
  needs: [
    "Financial tools: pay, refund, buy, transfer, order.",
    "Tools that make things which cost: machines, environments, batches, campaigns.",
  ],
  detection: [
    "Sums, not calls: the log has the amounts where a policy counts them.",
    "The same call with a changing amount, just under a threshold.",
  ],
  containment: [
    "Count the amount itself with `increment_from`, per day and for the organisation: ten agents share one budget.",
    "Bound what decides the price: a list of types, a highest count.",
    "Let small amounts pass, ask for large ones, refuse what is over the budget whatever anybody says.",
    "An amount that is missing, negative or a text is refused: a budget that can be confused is none.",
  ],
  gateway: [
    "All limits of a call are reserved together before it leaves, or none is. Two calls at once cannot spend the same rest.",
    "No interval of the window's length ever holds more than the limit, not even around midnight.",
    "Sums are exact to nine decimals. Counters survive a killed gateway; where they cannot be read, the call is denied.",
  ],
  limits: [
    "A policy counts what the arguments say. If the real price is known only afterwards, count calls, and set a budget at the provider too.",
    "What is already running goes on costing: a limit stops new machines and switches none off.",
  ],
  policy,
  demonstrations: [
    {
      kind: "calls",
      title: "A budget of 50 a day, and payments up to 250",
      about: "Amounts are added up, whatever the number of calls.",
      policy,
      calls: [
        vm(20, 0, "A machine", "allowed"),
        vm(20, 2, "Another", "allowed"),
        vm(20, 4, "A third: 60 in all", "rate_limited"),
        vm(10, 5, "One that still fits", "allowed"),
        vm(0, 6, "Names a price of nothing, and the largest machine", "requirement_failed", "gpu-8x"),
        vm("20", 7, "Names the price as text", "invalid_increment"),
        vm(-30, 8, "Names a negative price to win room", "invalid_increment"),
        pay(80, 10, "A small payment", "allowed"),
        pay(120, 12, "A large one", "approval_required"),
        pay(100, 14, "Splits it: the first part", "allowed"),
        pay(99, 16, "Splits it: the second part, over the budget", "rate_limited"),
        pay(10, 18, "Another currency", "requirement_failed", { currency: "BTC" }),
        {
          ...pay(10, 20, "A second amount in another spelling", "ambiguous_argument", { Amount: 10_000 }),
          atTheDoor: true,
        },
      ],
    },
  ],
  gatewayTest:
    "gateway/attacks.integration.test.ts › excessive-spend: through the gateway each call is decided as the page says",
  furtherTests: ["gateway/record.integration.test.ts › allows no call too many and loses no record"],
  sources: [sources.owaspConsumption, sources.owaspAgency, sources.mcpTools],
};
