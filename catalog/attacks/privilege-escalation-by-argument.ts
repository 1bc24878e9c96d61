import { type Attack, policyText } from "./attack.ts";
import { cwe, sources } from "./sources.ts";

const policy = policyText({
  version: "1",
  default: "deny",
  hide: ["terminate"],
  all_tools: {
    deny_if: [
      {
        conditions: [{ path: "args._callerRole", op: "exists", value: true }],
        on_deny: "A caller may not name its own role.",
      },
    ],
  },
  tools: {
    list: {},
    read: {},
    mergeBranch: { limits: [{ counter: "mergeBranch_rate", window: "minute", max: 10, scope: "grant" }] },
  },
});

const merge = (more: Record<string, unknown>, atS: number, about: string, expect: string) =>
  ({
    tool: "mergeBranch",
    category: "Execute",
    arguments: { instanceId: "spec-1", ...more },
    atS,
    about,
    expect,
  }) as const;

export const privilegeEscalationByArgument: Attack = {
  slug: "privilege-escalation-by-argument",
  title: "Privilege escalation by an argument",
  oneLine: "A tool asks the caller who it is, and believes the answer.",
  group: "authority",
  standing: "stopped",
  mechanism: [
    "A server knows roles, but has nothing on the wire to tell callers apart. So it reads the role from the arguments: `_callerRole`, `as_user`, `is_admin`, `dry_run: false`.",
    "Often the argument is in no schema at all, only in the code. Then no list of tools shows it.",
    'An agent learns of it: from the source, from an error message ("not for specialists"), or by guessing.',
    "It sends the argument. The server checks the role that the caller chose.",
  ],
  preconditions: [
    "A decision about rights rests on a value that the caller sends.",
    "Nobody in between knows that the argument exists, or that it decides something.",
  ],
  needs: ["Any tool of such a server whose effect depends on the role: merge, terminate, deploy, approve."],
  detection: [
    "Arguments that name a person, a role or a mode: in schemas, and in the source where it is open. The catalog marks those that the code reads though no schema names them.",
    "In the log: calls with argument names that no accepted schema has.",
  ],
  containment: [
    "Deny the argument for all tools: `exists: true` in `deny_if` of `all_tools`. Nothing else on the server depends on its value then.",
    "Or require the one value that this grant stands for. A grant is the identity, so its policy may say the role.",
  ],
  gateway: [
    "Another spelling of the argument (other case, full-width letters, invisible characters, a NUL behind it) is refused as ambiguous: a lenient server might read it as the real one.",
    "The same key twice in one object is refused before any rule is looked at.",
    "Where the accepted schema forbids arguments it does not name, undeclared ones are refused too.",
  ],
  limits: [
    "A rule needs the name. An argument nobody knows of is found by reading the server's source, not by a gateway.",
    "An argument one level down, or inside a string of JSON, needs a rule of its own.",
  ],
  policy,
  demonstrations: [
    {
      kind: "calls",
      title: "`_callerRole` on tmux-claude",
      about:
        "That server lets executives and managers merge and asks each call for the caller's role. These are ways to be an executive.",
      policy,
      calls: [
        merge({}, 0, "Merges without claiming anything", "allowed"),
        merge({ _callerRole: "executive" }, 1, "Claims to be the executive", "denied"),
        merge({ _callerRole: ["executive"] }, 2, "The same in a list", "denied"),
        merge({ _CallerRole: "executive" }, 3, "Another case", "ambiguous_argument"),
        {
          ...merge({ "_callerRole\u0000": "executive" }, 4, "A NUL behind the name", "ambiguous_argument"),
          atTheDoor: true,
        },
        merge({ "_caller\u200bRole": "executive" }, 5, "An invisible character inside", "ambiguous_argument"),
        merge({ "\uff3fcaller\uff32ole": "executive" }, 6, "Full-width letters", "ambiguous_argument"),
        {
          tool: "terminate",
          category: "Destructive",
          arguments: { instanceId: "spec-1", _callerRole: "executive" },
          atS: 7,
          about: "A tool that only the executive would see",
          expect: "hidden",
        },
      ],
    },
  ],
  gatewayTest:
    "gateway/attacks.integration.test.ts › privilege-escalation-by-argument: through the gateway each call is decided as the page says",
  furtherTests: ["gateway/fail-closed.integration.test.ts › with a key that is there twice goes nowhere"],
  sources: [
    {
      title: "tmux-claude-mcp-server, a server whose tools read the caller's role from _callerRole",
      url: "https://github.com/michael-abdo/tmux-claude-mcp-server",
    },
    cwe(807, "reliance on untrusted inputs in a security decision"),
    cwe(269, "improper privilege management"),
    sources.owaspAgency,
  ],
};
