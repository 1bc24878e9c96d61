// Policies as owners write them, each another: who may do what where, and how often.

export const toolsPerServer = 100;

const regions = ["eu-1", "eu-2", "us-1", "us-2", "ap-1", "ap-2", "sa-1"];

/**
 * A policy with rules about arguments and limits for each of 100 tools.
 *
 * @param nth No two numbers give the same document.
 * @param isOpen Whether `tool_1` may be called.
 */
export function documentOf(serverId: string, nth: number, isOpen: boolean): object {
  const team = `team-${nth}`;
  const ruleOf = (tool: number) => ({
    ...(tool === 1 && !isOpen ? { action: "deny", reason: `Closed for ${team}.` } : {}),
    require: [
      {
        conditions: [
          { path: "args.name", op: "regex", value: regexOf(nth, tool) },
          { path: "args.region", op: "in", value: ["eu-1", ...regions.filter((_, at) => (nth + tool + at) % 3 === 0)] },
        ],
        on_deny: `Only names of ${team} or of its runners, in a region that ${team} may use.`,
      },
    ],
    deny_if: [
      {
        conditions: [{ path: "args.price", op: "gt", value: 10 + ((nth * 7 + tool) % 90) }],
        on_deny: `Nothing dearer than ${10 + ((nth * 7 + tool) % 90)} an hour for ${team}.`,
      },
    ],
    limits: [
      { counter: "calls", window: "minute", max: 1_000_000 + nth, scope: "grant" },
      { counter: "spend", window: "day", max: 1_000_000 + tool, increment_from: "args.price", reset: "calendar" },
    ],
  });
  return {
    version: "1",
    description: `What ${team} may do with server ${serverId}.`,
    default: "deny",
    hide: [`internal_${nth}_*`],
    tools: Object.fromEntries(Array.from({ length: toolsPerServer }, (_, tool) => [`tool_${tool}`, ruleOf(tool)])),
  };
}

/** Some tools of a policy share a regex, and no policy has those of another. */
function regexOf(nth: number, tool: number): string {
  return `^(?:team-${nth}-[a-z0-9-]{1,${20 + (tool % 20)}}|ci-runner-[0-9]{1,4})$`;
}
