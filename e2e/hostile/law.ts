// The policy that hostile requests run against, and what it forbids said a second time, by hand.
import { type CalledTool, callsIn, methodsIn, parseTree, plain, type Tree } from "./readings.ts";

export const tools = { echo: "Read", pay: "Financial", read: "Read", drop: "Destructive", secret: "Read" };

export const law = {
  version: "1",
  default: "deny",
  hide: ["secret"],
  tools: {
    echo: {},
    pay: {
      require: [
        {
          conditions: [
            { path: "args.amount", op: "lte", value: 100 },
            { path: "args.to", op: "in", value: ["alice", "bob"] },
          ],
        },
      ],
    },
    read: {
      require: [{ conditions: [{ path: "args.path", op: "regex", value: "^/ok/" }] }],
      deny_if: [{ conditions: [{ path: "args.path", op: "contains", value: ".." }] }],
    },
  },
};

/** What a request carried when it arrived at a server. */
export type Arrival = {
  /** The request line. */
  line: string;
  /** Names as they came. */
  headers: [name: string, value: string][];
  body: Buffer;
  /** What was wrong with the HTTP itself. */
  faults: string[];
};

/** The headers that a gateway may send to a server, and `content-length` and `host` of the request itself. */
const headersAllowed =
  /^(accept|accept-encoding|connection|content-length|content-type|host|last-event-id|mcp-(method|name|protocol-version|session-id|param-.+)|traceparent|x-owner)$/;

const methodsAllowed = new Set([
  ...["initialize", "ping", "server/discover", "subscriptions/listen", "completion/complete", "logging/setLevel"],
  ...["tools/list", "tools/call", "prompts/list", "prompts/get"],
  ...["resources/list", "resources/read", "resources/templates/list", "resources/subscribe", "resources/unsubscribe"],
  ...["tasks/get", "tasks/cancel", "tasks/result", "tasks/list", "tasks/update"],
  ...["notifications/initialized", "notifications/cancelled", "notifications/progress"],
  ...["notifications/roots/list_changed", "notifications/tasks/status"],
]);

/** Why an arrival should never have been; empty when it may be. */
export function crimesOf({ line, headers, body, faults }: Arrival): string[] {
  const crimes = [...faults];
  const [method] = line.split(" ");
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!headersAllowed.test(lower)) crimes.push(`header ${name}`);
    if (value.includes("plg_")) crimes.push(`the grant's token in ${name}`);
    if (lower === "content-type" && value !== "application/json") crimes.push(`content-type ${value}`);
    const names = headers.find(([other]) => other.toLowerCase() === "mcp-method")?.[1] ?? "tools/call";
    if (lower === "mcp-name" && names === "tools/call" && /drop|secret/i.test(value)) crimes.push(`Mcp-Name ${value}`);
    const twins = headers.filter(([other]) => other.toLowerCase() === lower).length;
    if (twins > 1) crimes.push(`header ${name} ${twins} times`);
  }
  if (method !== "POST") {
    if (body.length > 0) crimes.push(`a ${method} with a body`);
    return crimes;
  }
  const root = parseTree(body);
  if (root === null) return [...crimes, "a body that is no JSON in UTF-8"];
  for (const name of methodsIn(root)) {
    if (typeof name !== "string" || !methodsAllowed.has(name)) crimes.push(`method ${JSON.stringify(name)}`);
  }
  for (const call of callsIn(root)) {
    if (isForbidden(call)) crimes.push(`a forbidden call of ${JSON.stringify(call.name)}`);
  }
  return [...new Set(crimes)];
}

function isForbidden({ name, arguments: given }: CalledTool): boolean {
  if (name === "echo") return false;
  if (name === "pay") {
    const to = plain(given("to"));
    return !isAtMost100(given("amount")) || (to !== "alice" && to !== "bob");
  }
  if (name === "read") {
    const path = plain(given("path"));
    return typeof path !== "string" || !path.startsWith("/ok/") || path.includes("..");
  }
  return true;
}

/** Whether a number is at most 100 for those who read doubles and for those who read decimals. */
function isAtMost100(tree: Tree | undefined): boolean {
  if (tree === undefined || !("number" in tree)) return false;
  const value = Number(tree.number);
  if (value !== 100) return value < 100;
  const [, whole = "", fraction = "", exponent = "0"] = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(tree.number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "").replace(/0+$/, "");
  return digits === "1" && Math.abs(Number(exponent)) < 400;
}
