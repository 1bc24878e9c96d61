// What the echo server lists and the bench's policies speak of: 26 tools, as the page this product was asked for has.
export const toolNames: readonly string[] = Array.from({ length: 26 }, (_, n) => `vm_tool_${n}`);

/** A policy with rules on arguments and limits for each tool, that no bench uses up. @param asksForSome With calls that a person approves. */
export function policyOf(names: readonly string[], asksForSome = false): object {
  const tool = {
    require: [
      {
        conditions: [
          { path: "args.name", op: "regex", value: "^[a-z][a-z0-9-]{0,62}$" },
          { path: "args.region", op: "in", value: ["eu-1", "eu-2", "us-1"] },
        ],
        on_deny: "A name in lower case, in a region of ours.",
      },
    ],
    deny_if: [{ conditions: [{ path: "args.price", op: "gt", value: 100 }], on_deny: "Nothing dearer than 100." }],
    ...(asksForSome
      ? { approve_if: [{ conditions: [{ path: "args.spot", op: "eq", value: false }], message: "Not a spot machine" }] }
      : {}),
    limits: [
      { counter: "calls", window: "minute", max: 1_000_000_000, scope: "grant" },
      { counter: "spend", window: "day", max: 1_000_000_000, increment_from: "args.price", reset: "calendar" },
    ],
  };
  return { version: "1", default: "deny", tools: Object.fromEntries(names.map((name) => [name, tool])) };
}

/** A call that the policy allows. */
export const callArguments = { name: "ci-runner-7", region: "eu-1", price: 0.05, spot: true };
