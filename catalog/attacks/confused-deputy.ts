import { type Attack, policyText } from "./attack.ts";
import { cwe, sources } from "./sources.ts";

const policy = policyText({
  version: "1",
  description: "Support agent of one customer",
  default: "deny",
  all_tools: {
    require: [
      {
        conditions: [{ path: "args.account_id", op: "in", value: ["a-2042"] }],
        on_deny: "This agent acts for account a-2042 only.",
      },
    ],
  },
  tools: {
    get_account: {},
    update_address: { limits: [{ counter: "update_address_rate", window: "minute", max: 5, scope: "grant" }] },
  },
});

export const confusedDeputy: Attack = {
  slug: "confused-deputy",
  title: "Confused deputy",
  oneLine: "A server acts with its own authority for somebody who would not have it.",
  group: "authority",
  standing: "contained",
  mechanism: [
    "An MCP server holds one strong credential: a service account, an app token, a database user that may do everything.",
    "It answers many callers with it. Who is asking it learns from the arguments, or not at all.",
    "A caller (or an agent that was talked into it) names somebody else's account. The server has the right to do it, so it is done.",
    "The OAuth form: a proxy with one static client id towards an API. A consent that one user gave earlier is reused to hand an authorization code to an attacker's client.",
  ],
  preconditions: [
    "The server's rights are wider than the caller's, and the server does not check whose request it serves.",
    "The subject of the action is an argument: an account, a tenant, a user, a repository.",
  ],
  needs: [
    "Tools that take an identifier of somebody: `account_id`, `user`, `owner`, `tenant`, `project`.",
    "For the OAuth form: a proxy that registers clients dynamically and keeps one client id behind them.",
  ],
  detection: [
    "In the log: one grant, many different subjects.",
    "Actions of the service account that no person asked for, in the log of the system behind.",
  ],
  containment: [
    "Write the subject into the policy: one grant for each agent and customer, with `require` on the identifier, for all tools at once.",
    "Use the narrowest credential behind the server; a policy bounds the calls, not the key.",
    "A call that leaves the identifier out fails the requirement as well: absence is not permission.",
  ],
  gateway: [
    "A grant names one server, one policy, one agent. Its label and the client's name can be conditions.",
    "The agent's credential is the grant's token. It says who is asking, and no argument can.",
    "Whoever is confused, the record says which grant called what and which rule decided.",
  ],
  limits: [
    "The gateway cannot see whether the server checks anything itself. Where the identifier is hidden in free text or SQL, a rule about `account_id` does not see it.",
    "The OAuth form is a matter between the proxy, its users' browsers and the authorization server: consent for each client, exact redirect addresses, single-use state. A policy on tool calls does not reach it.",
  ],
  policy,
  demonstrations: [
    {
      kind: "calls",
      title: "One service account, another customer",
      about: "The server behind may change every account. This grant is for one.",
      policy,
      calls: [
        {
          tool: "get_account",
          category: "Read",
          arguments: { account_id: "a-2042" },
          atS: 0,
          about: "Reads the customer's account",
          expect: "allowed",
        },
        {
          tool: "get_account",
          category: "Read",
          arguments: { account_id: "a-0001" },
          atS: 1,
          about: "Reads somebody else's",
          expect: "requirement_failed",
        },
        {
          tool: "update_address",
          category: "Write",
          arguments: { address: "1 Evil Street" },
          atS: 2,
          about: "Names no account and hopes for a default",
          expect: "requirement_failed",
        },
        {
          tool: "update_address",
          category: "Write",
          arguments: { account_id: ["a-2042", "a-0001"], address: "1 Evil Street" },
          atS: 3,
          about: "Names both in a list",
          expect: "requirement_failed",
        },
        {
          tool: "update_address",
          category: "Write",
          arguments: { account_id: "a-2042", Account_ID: "a-0001", address: "1 Evil Street" },
          atS: 4,
          about: "Names a second one in another spelling",
          expect: "ambiguous_argument",
          atTheDoor: true,
        },
        {
          tool: "update_address",
          category: "Write",
          arguments: { account_id: "a-2042", address: "12 Hill Road" },
          atS: 5,
          about: "Changes the address it was asked to",
          expect: "allowed",
        },
      ],
    },
  ],
  gatewayTest:
    "gateway/attacks.integration.test.ts › confused-deputy: through the gateway each call is decided as the page says",
  furtherTests: ["e2e/hostile/neighbours.integration.test.ts › tries none succeeds"],
  sources: [sources.hardy, sources.mcpConfusedDeputy, sources.rfc9700, cwe(441, "unintended proxy or intermediary")],
};
