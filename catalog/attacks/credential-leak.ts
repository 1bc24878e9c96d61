import { type Attack, policyText } from "./attack.ts";
import { cwe, sources } from "./sources.ts";

const policy = policyText({
  version: "1",
  default: "deny",
  hide: ["get_environment"],
  tools: {
    read_logs: {
      require: [
        { conditions: [{ path: "args.service", op: "in", value: ["web", "worker"] }], on_deny: "Only web and worker." },
      ],
      limits: [{ counter: "read_logs_rate", window: "minute", max: 5, scope: "grant" }],
    },
    read_file: {
      require: [{ conditions: [{ path: "args.path", op: "regex", value: "^/srv/app/[A-Za-z0-9._/-]+$" }] }],
      deny_if: [
        {
          conditions: [
            {
              path: "args.path",
              op: "regex",
              value: "(?i)(\\.\\.|(^|/)\\.(env|npmrc|aws|ssh|git)|secret|credential|\\.(pem|key)$)",
            },
          ],
          on_deny: "Files that hold credentials are not read here.",
        },
      ],
    },
  },
});

export const credentialLeak: Attack = {
  slug: "credential-leak",
  title: "Credential leak through errors and logs",
  oneLine: "A key ends up in a result, an error or a log, and from there in the model's context.",
  group: "content",
  standing: "contained",
  mechanism: [
    "A server works with a credential: in its environment, in a connection string, in a header to somebody else's API.",
    "Something fails. The error text quotes the request, the connection string or the whole environment, and becomes the result of `tools/call`.",
    "Or the agent asks for it: a tool that prints configuration, a log, a process list, a `.env` file.",
    "From the context it can be repeated anywhere: into a commit, a chat, a summary, the provider's logs, another tool's argument.",
  ],
  preconditions: [
    "The credential is somewhere a tool can read, or an error can quote.",
    "It works from elsewhere: it is bound to no address, no audience and no time.",
  ],
  needs: [
    "Readers of logs, files, configuration and environment.",
    "Any tool that can be made to fail with a long message.",
  ],
  detection: [
    "Look for the forms of your keys (`sk_live_`, `ghp_`, `AKIA`, private key blocks) where results and logs are kept.",
    "Uses of a credential from an address where it never was.",
    "Calls that fail on purpose: the same tool, ever other broken arguments.",
  ],
  containment: [
    "Permit paths and services, not all but a few. Then deny what typically holds secrets inside them.",
    "Hide tools that print the environment or the configuration.",
    "Limit readers of logs: a search for keys needs many pages.",
  ],
  gateway: [
    "Agents hold a token of the gateway only. The server's credentials are sealed at rest and sent to the server, never to the agent.",
    "What the gateway says of a server in trouble is its own sentence. It quotes neither the server's answer nor any header; the last words of a command come without the values of its environment.",
    "The record of calls has the names of arguments; values only where a policy speaks of them, and those are sealed.",
    "A server's 401, its challenges and its cookies do not reach the client.",
  ],
  limits: [
    "A result that a tool returns is passed on as it is. The gateway does not blacken keys in it.",
    "A pattern for names of files does not know what is in a file called `notes.txt`.",
    "A key that has leaked is leaked. Rotate it; a token of the gateway is rotated in one step.",
  ],
  policy,
  demonstrations: [
    {
      kind: "calls",
      title: "Looking for keys",
      about: "An agent that repairs a web service may read its logs and files. It looks for more.",
      policy,
      calls: [
        {
          tool: "read_logs",
          category: "Read",
          arguments: { service: "web", lines: 100 },
          atS: 0,
          about: "Reads the log it needs",
          expect: "allowed",
        },
        {
          tool: "read_logs",
          category: "Read",
          arguments: { service: "vault", lines: 100 },
          atS: 1,
          about: "Reads the log of the secret store",
          expect: "requirement_failed",
        },
        {
          tool: "read_file",
          category: "Read",
          arguments: { path: "/srv/app/.env" },
          atS: 2,
          about: "Opens the usual hiding place",
          expect: "denied",
        },
        {
          tool: "read_file",
          category: "Read",
          arguments: { path: "/srv/app/config/../../../root/.aws/credentials" },
          atS: 3,
          about: "Climbs out of the permitted folder",
          expect: "denied",
        },
        {
          tool: "read_file",
          category: "Read",
          arguments: { path: "/proc/self/environ" },
          atS: 4,
          about: "Reads the environment as a file",
          expect: "requirement_failed",
        },
        {
          tool: "get_environment",
          category: "Read",
          arguments: {},
          atS: 5,
          about: "Asks for the environment",
          expect: "hidden",
        },
        {
          tool: "read_file",
          category: "Read",
          arguments: { path: "/srv/app/server.ts" },
          atS: 6,
          about: "Reads the source, as its task asks",
          expect: "allowed",
        },
      ],
    },
  ],
  gatewayTest:
    "gateway/attacks.integration.test.ts › credential-leak: the owner's credential reaches no client, whatever the server says in its trouble",
  furtherTests: [
    "gateway/upstream/http.integration.test.ts › never quotes the owner's headers or what the server said in its trouble",
    "gateway/upstream/stdio.integration.test.ts › is quoted with its last words, but never with the values of its environment",
    "gateway/door.integration.test.ts › never carries an upstream's cookies, challenges or redirects",
  ],
  sources: [
    cwe(532, "insertion of sensitive information into log file"),
    cwe(209, "generation of error message containing sensitive information"),
    sources.mcpScopes,
    sources.rfc9700,
  ],
};
