import { argumentInjectionCalls } from "./argument-injection-calls.ts";
import { type Attack, policyText } from "./attack.ts";
import { advisory, cwe, sources } from "./sources.ts";

const policy = policyText({
  version: "1",
  default: "deny",
  tools: {
    read_report: {
      require: [
        {
          conditions: [
            { path: "args.path", op: "regex", value: "^/srv/reports/[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\\.csv$" },
          ],
          on_deny: "Only reports: /srv/reports/<name>.csv",
        },
      ],
    },
    fetch: {
      require: [
        {
          conditions: [
            {
              path: "args.url",
              op: "regex",
              value: "^https://api\\.acme\\.example/[A-Za-z0-9/_-]*(\\?[A-Za-z0-9=&_-]*)?$",
            },
          ],
          on_deny: "Only https://api.acme.example/.",
        },
      ],
    },
    query: {
      require: [
        {
          conditions: [
            {
              path: "args.sql",
              op: "regex",
              value: "^SELECT [A-Za-z0-9_,. *]+ FROM (orders|products)( WHERE [a-z_]+ = [0-9]+)?( LIMIT [0-9]{1,3})?$",
            },
          ],
          on_deny: "One SELECT on orders or products, without functions.",
        },
      ],
    },
    run_check: {
      require: [
        {
          conditions: [{ path: "args.command", op: "in", value: ["npm test", "npm run lint"] }],
          on_deny: "Only `npm test` and `npm run lint`.",
        },
      ],
    },
  },
});

export const argumentInjection: Attack = {
  slug: "argument-injection",
  title: "Argument injection: shells, paths, SQL and URLs",
  oneLine: "An argument is more than a value: it is a command, a path, a query or an address.",
  group: "calls",
  standing: "contained",
  mechanism: [
    "A tool puts an argument into something that has a language of its own: a shell line, a file path, an SQL statement, a URL, the options of a program.",
    "The agent writes the argument. What it writes depends on everything it has read, text of strangers included.",
    "Shell: `;`, `$(…)`, or an option such as `--upload-pack=…`. Path: `..`, an absolute path, a link, another encoding. SQL: a second statement. URL: the address of a metadata service, `user@host`, a redirect (SSRF).",
    "The server runs it with its own rights, inside its own network.",
  ],
  preconditions: [
    "The server joins text instead of passing values, or checks it in a way that another encoding gets past.",
    "The process can reach what is asked for: files, hosts, tables, programs.",
  ],
  needs: [
    "Tools with arguments such as `command`, `script`, `path`, `file`, `sql`, `query`, `url`, `host`, `args`.",
    "Readers count: to read a path or to fetch a URL changes nothing and gives everything away.",
  ],
  detection: [
    "The classifier names such arguments and raises the risk of the tool for them.",
    "In the log: `..`, `%2e`, `;`, `|`, addresses without a name, several statements.",
    "Refusals by an argument rule: they come rarely by accident.",
  ],
  containment: [
    "Say what is permitted, anchored at both ends (`^…$`), with the fewest characters that do. A list of forbidden strings always misses an encoding.",
    "Where there are few values, list them with `in`: two commands are better than any pattern for commands.",
    "A value of another type (a list, an object) fails a requirement: it cannot slip past a rule about text.",
    "Patterns are RE2: no input can make them slow.",
  ],
  gateway: [
    "The bytes that were judged are the bytes that are sent. Nothing is decoded, joined or written anew in between.",
    "Duplicate keys, broken UTF-8 and look-alike names are refused, so that server and rule read the same value.",
    "For its own connections the gateway checks addresses on every connect, refuses redirects, and in hosted mode dials no private address.",
  ],
  limits: [
    "A policy sees the text, not what it leads to. A symbolic link, a host name that resolves to an inner address, a view in the database look harmless.",
    "For free shell commands and free SQL there is no safe pattern. Ask a person, run it in a sandbox, or leave the tool out.",
    "The recommended rules for such arguments deny the obvious. They are a beginning; replace them by what your task needs.",
  ],
  policy,
  demonstrations: [
    {
      kind: "calls",
      title: "Four languages and their encodings",
      about: "Each of the four tools is asked properly once, and then in ways that get past simple checks.",
      policy,
      calls: argumentInjectionCalls,
    },
  ],
  gatewayTest:
    "gateway/attacks.integration.test.ts › argument-injection: through the gateway each call is decided as the page says",
  furtherTests: [
    "gateway/upstream/http.integration.test.ts › dials no private address in hosted mode, also not behind a name",
    "gateway/upstream/http.integration.test.ts › refuses a redirect and does not follow it",
  ],
  sources: [
    sources.mcpSsrf,
    advisory("GHSA-gjv4-ghm7-q58q", "GHSA-gjv4-ghm7-q58q (CVE-2025-53355): command injection in mcp-server-kubernetes"),
    advisory(
      "GHSA-hc55-p739-j48w",
      "GHSA-hc55-p739-j48w (CVE-2025-53110): path prefix bypass in the filesystem server",
    ),
    advisory(
      "GHSA-q66q-fx2p-7w4m",
      "GHSA-q66q-fx2p-7w4m (CVE-2025-53109): symbolic links lead out of the filesystem server",
    ),
    {
      title: "Datadog Security Labs: SQL injection in the PostgreSQL MCP server",
      url: "https://securitylabs.datadoghq.com/articles/mcp-vulnerability-case-study-SQL-injection-in-the-postgresql-mcp-server/",
      date: "2025-08-21",
    },
    cwe(88, "argument injection"),
    cwe(918, "server-side request forgery"),
  ],
};
