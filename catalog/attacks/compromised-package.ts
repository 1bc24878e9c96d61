import { type Attack, policyText } from "./attack.ts";
import { advisory, cwe, sources } from "./sources.ts";

const policy = policyText({
  version: "1",
  default: "deny",
  tools: {
    send_email: {
      deny_if: [
        {
          conditions: [{ path: "args.bcc", op: "exists", value: true }],
          on_deny: "No blind copies.",
        },
      ],
      limits: [{ counter: "send_email_rate", window: "hour", max: 30, scope: "grant" }],
    },
  },
});

const schema = (more: object = {}) => ({
  type: "object",
  properties: { to: { type: "string" }, subject: { type: "string" }, text: { type: "string" }, ...more },
  required: ["to", "subject", "text"],
});
const sendEmail = { name: "send_email", description: "Sends an e-mail.", inputSchema: schema() };
const withBcc = { ...sendEmail, inputSchema: schema({ bcc: { type: "string" } }) };

export const compromisedPackage: Attack = {
  slug: "compromised-package",
  title: "Compromised package",
  oneLine: "The right server, in a version that somebody else wrote.",
  group: "supply",
  standing: "contained",
  mechanism: [
    "A server, or something it depends on, changes hands: a stolen publishing token, a bribed or tired maintainer, a build that was tampered with.",
    "The new version works as before and does one thing more: it copies mail, reads keys at start, waits for a command.",
    "Clients that start servers with `npx <package>` may take the newest version at the next start, without a question.",
    "The addition runs inside the server. On the wire between client and server nothing needs to change.",
  ],
  preconditions: [
    "The version is not pinned, or the pin is moved without reading what changed.",
    "The process has more than it needs: the whole environment, the home directory, the network.",
  ],
  needs: ["None: code runs when the server starts. Tools that send give it a channel that looks legitimate."],
  detection: [
    "Compare the harvested definitions of two versions. A new argument or tool shows at once; see the event feed of the catalog.",
    "Watch what the process connects to, outside of the protocol: one host more is the whole finding.",
    "Calls that the server answers differently, and slower, than yesterday.",
  ],
  containment: [
    "Pin the exact version in the registered command, and move it on purpose.",
    "Permit as few tools as the task needs, with limits: a copied mail is one of thirty an hour and not of three thousand.",
    "Deny arguments such as `bcc` before a version offers them.",
  ],
  gateway: [
    "A command gets only the variables that you set for it, and can run under a user of its own that cannot read what is yours.",
    "A definition that changed with the version is held until somebody looks at it.",
    "Freeze a server, and every call of every grant to it stops with the next call.",
  ],
  limits: [
    "The copy that a compromised server makes by itself is no tool call. No policy sees it: take the key away, cut its network, freeze it.",
    "An unchanged definition proves nothing about the code. The second part of the demonstration shows exactly that.",
  ],
  policy,
  demonstrations: [
    {
      kind: "definition",
      title: "A version that offers a blind copy",
      about: "The argument `bcc` is new. Even an optional one is a change, and the tool is held.",
      policy,
      before: JSON.stringify(sendEmail),
      after: JSON.stringify(withBcc),
      call: {
        tool: "send_email",
        category: "Write",
        arguments: { to: "ada@acme.example", subject: "Invoice", text: "…" },
        expect: "definition_changed",
      },
      expectGrades: ["optional_parameter_added"],
    },
    {
      kind: "definition",
      title: "A version that makes the copy by itself",
      about: "Nothing changed on the wire, so nothing is held. The call is allowed: this is where policy ends.",
      policy,
      before: JSON.stringify(sendEmail),
      after: JSON.stringify(sendEmail),
      call: {
        tool: "send_email",
        category: "Write",
        arguments: { to: "ada@acme.example", subject: "Invoice", text: "…" },
        expect: "allowed",
      },
      expectGrades: [],
    },
  ],
  gatewayTest: "gateway/upstream/stdio.integration.test.ts › gives the program nothing of ours",
  furtherTests: ["gateway/definitions.integration.test.ts › is back once it is accepted, without connecting again"],
  sources: [
    sources.koiPostmark,
    sources.mcpLocalServer,
    advisory(
      "GHSA-6xpm-ggf7-wc3p",
      "GHSA-6xpm-ggf7-wc3p (CVE-2025-6514): a hostile server runs commands through mcp-remote",
      "2025-07-09",
    ),
    {
      title: "Ohm et al.: Backstabber's knife collection, open source supply chain attacks (arXiv:2005.09535)",
      url: "https://arxiv.org/abs/2005.09535",
      date: "2020-05",
    },
    cwe(506, "embedded malicious code"),
  ],
};
