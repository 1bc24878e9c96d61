import type { Attack } from "./attack.ts";
import { advisory, cwe, sources } from "./sources.ts";

export const sessionHijack: Attack = {
  slug: "session-hijack",
  title: "Session hijack and fixation",
  oneLine: "Who has the id of a session is taken for the one it belongs to.",
  group: "authority",
  standing: "stopped",
  mechanism: [
    "Up to revision 2025-11-25 a server answers `initialize` with `Mcp-Session-Id`. From then on the id stands for the conversation.",
    "An attacker gets one: it is guessable, it was logged, or it was chosen by the attacker and forced upon the victim (fixation).",
    "Hijack: the attacker sends calls with the id and a token of its own, or none. A server that looks only at the id serves them in the victim's name.",
    "Injection: with `Last-Event-ID` somebody resumes a stream that is not theirs, and reads the answers in it or has theirs delivered there.",
    "Revision 2026-07-28 has no sessions. Handles that servers mint instead (a task, a cart, a browser) are attacked in the same way.",
  ],
  preconditions: [
    "The server takes possession of an id for authentication.",
    "Ids can be guessed, leak into URLs and logs, or are taken from the client.",
  ],
  needs: [
    "None; it happens in the transport.",
    "Tools with a handle as an argument (`session_id`, `task_id`, `browser_id`) have the same weakness one floor up.",
  ],
  detection: [
    "One session id with two tokens, two addresses or two clients.",
    "Requests with ids that never were: somebody is guessing.",
  ],
  containment: [
    "A policy decides calls, and a hijacked call looks like any other. What stops it stands before the policy.",
    "Handles in arguments can be bound where they have a form: `require` the prefix that belongs to this grant.",
    "Counters with the scope `grant` do not begin anew with a new session.",
  ],
  gateway: [
    "The id that a client sees is the gateway's: encrypted and authenticated, and bound to the grant, the server, the protocol version and an end.",
    "The id of the server behind never leaves. Presented to the gateway, it opens nothing.",
    "An id of another grant is answered exactly as one that never was. So is an id on `initialize`: a client cannot choose its session.",
    "Event ids are bound to their session, and tasks to the grant they were made for.",
  ],
  limits: [
    "Whoever has the grant's token has the grant. Rotate it, give it an end, and freeze it when in doubt.",
    "Handles that a server puts into results are its own affair; the gateway knows sessions, streams and tasks, not shopping carts.",
  ],
  policy: null,
  demonstrations: [
    {
      kind: "exchanges",
      title: "Somebody else's session",
      about: "Two grants for one server. What a test sends to a real gateway, and what comes back.",
      exchanges: [
        {
          id: "own",
          about: "The session's own grant",
          sent: ["POST /mcp/<server>", "Authorization: Bearer <first>", "Mcp-Session-Id: <of the first>"],
          status: 200,
          answer: "The tool's answer.",
        },
        {
          id: "foreign",
          about: "Hijack: the same id with another grant's token",
          sent: ["POST /mcp/<server>", "Authorization: Bearer <second>", "Mcp-Session-Id: <of the first>"],
          status: 404,
          answer: "No such session, in the very words that a made-up id gets.",
        },
        {
          id: "made-up",
          about: "Guessing: an id that never was",
          sent: ["POST /mcp/<server>", "Authorization: Bearer <second>", "Mcp-Session-Id: 1"],
          status: 404,
          answer: "No such session.",
        },
        {
          id: "fixation",
          about: "Fixation: the client brings an id along",
          sent: ["POST /mcp/<server>  initialize", "Authorization: Bearer <second>", "Mcp-Session-Id: <of the first>"],
          status: 400,
          answer: "A session begins without an id.",
        },
        {
          id: "none",
          about: "The id alone, without a token",
          sent: ["POST /mcp/<server>", "Mcp-Session-Id: <of the first>"],
          status: 401,
          answer: "An id is no credential.",
        },
        {
          id: "resume",
          about: "Resuming a stream of somebody else",
          sent: [
            "GET /mcp/<server>",
            "Authorization: Bearer <second>",
            "Mcp-Session-Id: <of the second>",
            "Last-Event-ID: <of the first>",
          ],
          status: 400,
          answer: "No such event in this session.",
        },
      ],
    },
  ],
  gatewayTest:
    "gateway/attacks.integration.test.ts › session-hijack: a session serves the grant it was made for and nobody else",
  furtherTests: [
    "gateway/session.test.ts › opens for the grant and server it was made for, and for no other",
    "gateway/session.test.ts › says nothing in another session, and cannot be made up",
    "gateway/tasks.test.ts › stay with the first grant that was given the id, server by server",
    "e2e/hostile/neighbours.integration.test.ts › tries none succeeds",
  ],
  sources: [
    sources.mcpSessions,
    sources.mcpStateHandles,
    advisory(
      "GHSA-jpw9-pfvf-9f58",
      "GHSA-jpw9-pfvf-9f58 (CVE-2026-52869): sessions of the MCP Python SDK served without checking the principal",
    ),
    {
      title: "JFrog: prompt hijacking through session ids (CVE-2025-6515)",
      url: "https://jfrog.com/blog/mcp-prompt-hijacking-vulnerability/",
      date: "2025-10-21",
    },
    cwe(384, "session fixation"),
  ],
};
