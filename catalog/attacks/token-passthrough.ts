import { type Attack, policyText } from "./attack.ts";
import { cwe, sources } from "./sources.ts";

const policy = policyText({
  version: "1",
  default: "deny",
  all_tools: {
    deny_if: ["token", "access_token", "api_key", "authorization"].map((name) => ({
      conditions: [{ path: `args.${name}`, op: "exists", value: true }],
      on_deny: "Credentials do not travel in arguments.",
    })),
  },
  tools: { list_invoices: {}, get_invoice: {} },
});

export const tokenPassthrough: Attack = {
  slug: "token-passthrough",
  title: "Token passthrough and mis-redemption",
  oneLine: "A token that was issued for one service is taken, or handed on, by another.",
  group: "authority",
  standing: "stopped",
  mechanism: [
    "A client sends its token to an MCP server. The server forwards the same token to an API behind it, because that is the easiest way to act for the user.",
    "The API trusts a token that was never issued for the server. Limits, checks and logs between the two are passed by.",
    "The other direction is mis-redemption: a server accepts a token without asking whom it was issued for. A token stolen from one service opens another.",
    "A hostile server makes a business of it: it collects the tokens that clients send and redeems them where they are worth more.",
  ],
  preconditions: [
    "A server that passes `Authorization` on, or does not check the audience of a token.",
    "Tokens without an audience, valid at more than one place.",
  ],
  needs: [
    "None in particular; it happens in the transport.",
    "Tools with an argument for a token or key invite the same fault by hand.",
  ],
  detection: [
    "At the API: tokens whose audience is somebody else, or requests of users from the addresses of a server.",
    "At the server: an `Authorization` header that it did not set itself.",
    "Arguments named `token`, `api_key` or `authorization` in the list of tools.",
  ],
  containment: [
    "Deny arguments that carry credentials, for all tools: a key in an argument stands in the context, in logs and in the record.",
    "For everything else the policy is not the place: tokens are checked and replaced before a policy is asked.",
  ],
  gateway: [
    "A grant's token is valid at one address, for one server. At any other it is answered with the same 401 as one that never was.",
    "The client's `Authorization` ends at the gateway. Headers towards the server come from a closed list, and the server's own credential is put in its place.",
    "A server's 401 is not relayed: its challenge would send the client to log in somewhere else.",
  ],
  limits: [
    "What the server does with its own credential towards third parties is out of sight.",
    "A user who pastes a token into a prompt has handed it to the model. Only the named arguments are watched.",
  ],
  policy,
  demonstrations: [
    {
      kind: "exchanges",
      title: "Tokens at the wrong door",
      about: "What a test sends to a real gateway with two servers behind it, and what comes back.",
      exchanges: [
        {
          id: "foreign",
          about: "The token of a grant for another server",
          sent: ["POST /mcp/<billing>", "Authorization: Bearer <token for mail>"],
          status: 401,
          answer: "The same answer as for a token that never was. Nothing is sent to the server.",
        },
        {
          id: "api",
          about: "A token that some API issued, sent to the gateway",
          sent: ["POST /mcp/<billing>", "Authorization: Bearer <token of an API>"],
          status: 401,
          answer: "The gateway takes no tokens but its own.",
        },
        {
          id: "own",
          about: "The right token, with more credentials in other headers",
          sent: [
            "POST /mcp/<billing>",
            "Authorization: Bearer <token for billing>",
            "Cookie: session=…",
            "Proxy-Authorization: Basic …",
            "X-Api-Key: …",
          ],
          status: 200,
          answer: "The server was sent the owner's credential alone. None of the client's headers arrived.",
        },
      ],
    },
    {
      kind: "calls",
      title: "A credential in an argument",
      about: "The same fault by hand: a key that travels through context, logs and server.",
      policy,
      calls: [
        {
          tool: "list_invoices",
          category: "Read",
          arguments: { month: "2026-10" },
          atS: 0,
          about: "Asks as it should",
          expect: "allowed",
        },
        {
          tool: "list_invoices",
          category: "Read",
          arguments: { month: "2026-10", api_key: "sk_live_…" },
          atS: 1,
          about: "Brings a key along",
          expect: "denied",
        },
        {
          tool: "list_invoices",
          category: "Read",
          arguments: { month: "2026-10", API_KEY: "sk_live_…" },
          atS: 2,
          about: "The same in capitals",
          expect: "ambiguous_argument",
        },
      ],
    },
  ],
  gatewayTest:
    "gateway/attacks.integration.test.ts › token-passthrough: no token opens a door it was not made for, and none of the client's goes on to the server",
  furtherTests: [
    "gateway/gateway.integration.test.ts › nothing answers but 401, plainly, for every reason alike",
    "gateway/door.integration.test.ts › is the very bytes of the message, and headers of a closed list",
  ],
  sources: [
    sources.mcpTokenPassthrough,
    sources.mcpAuthorization,
    sources.rfc8707,
    sources.rfc9728,
    sources.rfc9700,
    cwe(522, "insufficiently protected credentials"),
  ],
};
