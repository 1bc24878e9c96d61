import { type Attack, policyText } from "./attack.ts";
import { cwe, sources } from "./sources.ts";

const policy = policyText({
  version: "1",
  default: "deny",
  tools: {
    vm_create_image: {
      limits: [{ counter: "vm_create_image_rate", window: "minute", max: 10, scope: "grant" }],
    },
    vm_status: { limits: [{ counter: "vm_status_rate", window: "minute", max: 60, scope: "grant" }] },
  },
});

const image = (number: number, atS: number, about: string, expect: string) =>
  ({
    tool: "vm_create_image",
    category: "Execute",
    arguments: { identifier: "vm-1", imageName: `golden-${number}` },
    atS,
    about,
    expect,
  }) as const;

export const runawayLoops: Attack = {
  slug: "runaway-loops",
  title: "Runaway loops",
  oneLine: "An agent calls the same tool again and again, faster than anybody looks.",
  group: "calls",
  standing: "stopped",
  mechanism: [
    "A call fails, or its answer does not say that it worked. The agent tries again, with a new name or a changed argument.",
    'Or two agents answer each other; or a result asks for the next page without end; or an order in a text says "repeat until".',
    "A person makes a few calls a minute. An agent makes hundreds, in several sessions, while nobody looks.",
    "Each call works. What breaks is a quota, a mailbox, a disk, a bill, or the service behind.",
  ],
  preconditions: [
    "A tool whose effects add up.",
    "No limit between the agent and the server, or one that a new session resets.",
  ],
  needs: [
    "Execute and Write tools before all: create, send, start, deploy.",
    "Readers as well, when each read costs or the service behind is small.",
  ],
  detection: [
    "The rate of a tool for a grant in the log, against what it was last week.",
    "`rate_limited` in the log: the limit works, and something wants more than it should.",
  ],
  containment: [
    "A limit for each tool that does something, over a sliding window, for the grant. New sessions share it.",
    "A second one over a day: ten a minute is still 14,400 a day.",
    "A `key` gives each target a counter of its own, where one target must not eat the others' share.",
  ],
  gateway: [
    'The agent is told when it fits again ("Try again in 42 s."), which ends most loops: the model reads it and does something else.',
    "Windows slide: no interval of a minute ever holds an eleventh call, also across the full minute and a restart.",
    "A server that fails again and again is left alone for a while, and a server in trouble takes nothing from the others.",
  ],
  limits: [
    "A limit bounds a loop and does not end it. An agent that ignores the answer goes on asking.",
    "A loop inside the agent or the server that makes no calls is not seen.",
  ],
  policy,
  demonstrations: [
    {
      kind: "calls",
      title: "Eleven images in a minute",
      about: "The limit of the recommended policy. The eleventh call is told how long to wait; after that it fits.",
      policy,
      calls: [
        ...Array.from({ length: 10 }, (_, index) =>
          image(index + 1, index * 2, index === 0 ? "Makes an image" : "Tries again under another name", "allowed"),
        ),
        image(11, 20, "And again", "rate_limited"),
        {
          tool: "vm_status",
          category: "Read",
          arguments: { identifier: "vm-1" },
          atS: 21,
          about: "Looks at the machine instead",
          expect: "allowed",
        },
        image(11, 30, "Does not give up", "rate_limited"),
        image(11, 61, "Comes back after a minute", "allowed"),
      ],
    },
  ],
  gatewayTest:
    "gateway/attacks.integration.test.ts › runaway-loops: through the gateway each call is decided as the page says",
  furtherTests: [
    "gateway/gateway.integration.test.ts › calls a command ten times a minute, and the eleventh call never reaches it",
    "gateway/fail-closed.integration.test.ts › when the clock was set back, forget no call that a limit counted",
    "gateway/fail-closed.integration.test.ts › that failed five times in a row is left alone, and the caller hears for how long",
  ],
  sources: [
    sources.owaspConsumption,
    sources.mcpTools,
    cwe(770, "allocation of resources without limits or throttling"),
  ],
};
