// Servers that people run, asked the same twice: straight, and through the gateway with a policy that allows everything. What
// comes back is compared byte by byte, but for session ids, event ids and the time of day.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../prisma/free-port.ts";
import { freshDatabase, type TestDatabase } from "./harness/database.ts";
import { openHouse, type TestHouse } from "./harness/house.ts";
import { enforced } from "./harness/live.ts";
import { type RunningGateway, startGateway } from "./harness/processes.ts";

const require = createRequire(import.meta.url);
const everything = require.resolve("@modelcontextprotocol/server-everything/dist/index.js");
const filesystem = require.resolve("@modelcontextprotocol/server-filesystem/dist/index.js");
const memory = require.resolve("@modelcontextprotocol/server-memory/dist/index.js");
const playwright = path.join(path.dirname(require.resolve("@playwright/mcp/package.json")), "cli.js");

type Id = string | number;
/** What one request got: its answer and the progress it heard of, each as the text that came. */
type Asks = (id: Id, method: string, params: object) => Promise<string[]>;
type Conversation = { ask: Asks; notify(method: string): Promise<void>; close(): void };

let database: TestDatabase;
let house: TestHouse;
let gateway: RunningGateway;
let scratch: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "policylayer-real-"));
  database = await freshDatabase();
  house = await openHouse(database.url);
  gateway = await startGateway({ databaseUrl: database.url });
});

afterAll(async () => {
  for (const close of closing.splice(0)) await close();
  await gateway?.stop();
  await house?.close();
  await database?.drop();
  await rm(scratch, { recursive: true, force: true });
});

const initialize = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "byte-for-byte", version: "1" },
};

/** The texts in an answer: the body, or the data of each event in it. */
function textsIn(contentType: string, body: string): string[] {
  if (!contentType.startsWith("text/event-stream")) return [body];
  return body
    .split("\n\n")
    .map((event) => event.split("\n").filter((line) => line.startsWith("data:")))
    .map((lines) => lines.map((line) => line.replace(/^data: ?/, "")).join("\n"))
    .filter((data) => data !== "");
}

/** Texts hold one character for each byte. */
function parse(text: string): { id?: Id; method?: string } {
  return JSON.parse(Buffer.from(text, "latin1").toString("utf8"));
}

/** Whether a text is the answer to a request, or the progress of it. What a server says by itself comes when it likes. */
function belongsTo(text: string, id: Id): boolean {
  const message = parse(text);
  return message.id === id || message.method === "notifications/progress";
}

function overHttp(url: string, token: string | null): Conversation {
  const session: Record<string, string> = {};
  async function post(message: object): Promise<{ type: string; text: string }> {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...session,
      },
      body: JSON.stringify(message),
    });
    const given = response.headers.get("mcp-session-id");
    if (given !== null) session["mcp-session-id"] = given;
    // Decoded by hand: what is not UTF-8 must show.
    const text = Buffer.from(await response.arrayBuffer()).toString("latin1");
    return { type: response.headers.get("content-type") ?? "", text: `${response.status} ${text}` };
  }
  return {
    async ask(id, method, params) {
      const { type, text } = await post({ jsonrpc: "2.0", id, method, params });
      const [, status, body = ""] = /^(\d+) ([\s\S]*)$/.exec(text) ?? [];
      return [`HTTP ${status}`, ...textsIn(type, body).filter((one) => belongsTo(one, id))];
    },
    async notify(method) {
      await post({ jsonrpc: "2.0", method });
    },
    close() {},
  };
}

function overPipes(args: string[], env: Record<string, string>): Conversation {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, args, {
    cwd: scratch,
    env: env as NodeJS.ProcessEnv,
  });
  child.stdin.on("error", () => {});
  let heard: string[] = [];
  let wake = () => {};
  const lines = createInterface({ input: child.stdout.setEncoding("latin1") });
  lines.on("line", (line) => {
    heard.push(line);
    wake();
  });
  const say = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
  return {
    async ask(id, method, params) {
      heard = [];
      const isAnswered = new Promise<void>((resolve) => {
        wake = () => {
          if (heard.some((line) => parse(line).id === id)) resolve();
        };
      });
      say({ jsonrpc: "2.0", id, method, params });
      await isAnswered;
      // Where each answer is a response of its own, a message is what HTTP says 200 to.
      return ["HTTP 200", ...heard.filter((line) => belongsTo(line, id))];
    },
    notify: async (method) => void say({ jsonrpc: "2.0", method }),
    close: () => void child.kill("SIGKILL"),
  };
}

type Step = [method: string, params?: object];

/** Walks through the script, and through all pages of the list of tools. */
async function transcript(
  { ask, notify, close }: Conversation,
  steps: Step[],
): Promise<{ said: string[]; tools: string[] }> {
  const said = [...(await ask(0, "initialize", initialize))];
  await notify("notifications/initialized");
  await sleep(300); // some servers register more tools once they know their client
  const tools: string[] = [];
  let cursor: string | undefined;
  let page = 0;
  do {
    page += 1;
    const texts = await ask(`page ${page}`, "tools/list", cursor === undefined ? {} : { cursor });
    said.push(...texts);
    const { result } = JSON.parse(texts.at(-1) ?? "{}") as {
      result: { tools: { name: string }[]; nextCursor?: string };
    };
    tools.push(...result.tools.map(({ name }) => name));
    cursor = result.nextCursor;
  } while (cursor !== undefined);
  // Ids of all kinds, the largest integer there may be among them.
  const ids: Id[] = ["ä 1", -1, Number.MAX_SAFE_INTEGER, "", '"}'];
  for (const [i, [method, params = {}]] of steps.entries()) {
    said.push(`→ ${method} ${JSON.stringify(params)}`, ...(await ask(ids[i] ?? `${method} ${i}`, method, params)));
  }
  close();
  return { said: said.map(withoutTimes), tools };
}

/** The only values that differ from one run of a server to the next. */
function withoutTimes(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "<time>")
    .replace(/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4} \([^)]*\)/g, "<time>")
    .replace(/\b\d{1,2}:\d\d:\d\d [AP]M\b/g, "<time>")
    .replace(/"blob":"([^"]*)"/g, (whole, blob) => {
      const text = Buffer.from(blob, "base64").toString("latin1");
      return withoutTimes(text) === text ? whole : `"blob":<base64 of ${withoutTimes(text)}>`;
    });
}

type Registration = { url: string } | { command: string; args: string[]; env: Record<string, string> };

async function through(server: Registration, toolNames: string[]): Promise<Conversation> {
  const tools = Object.fromEntries(toolNames.map((name) => [name, "Read"]));
  const serverId = await house.addServer({ ...server, tools });
  const grant = await house.addGrant(serverId, await house.addPolicy(serverId, { version: "1", default: "allow" }));
  await enforced(house);
  return overHttp(`${gateway.url}${grant.path}`, grant.token);
}

async function compareCommand(args: string[], steps: Step[], env: Record<string, string> = {}, reset = async () => {}) {
  await reset();
  const direct = await transcript(overPipes(args, env), steps);
  await reset();
  const gatewayed = await transcript(await through({ command: process.execPath, args, env }, direct.tools), steps);
  expect(gatewayed.said).toEqual(direct.said);
  return direct;
}

const call = (name: string, args: object = {}, rest: object = {}): Step => [
  "tools/call",
  { name, arguments: args, ...rest },
];

const everythingSteps: Step[] = [
  call("echo", { message: "grüße \u2028 \u0000 😀" }),
  call("get-sum", { a: 0.1, b: 2 }),
  call("get-sum", { a: "no number" }),
  call("get-tiny-image"),
  call("get-structured-content", { location: "New York" }),
  call("get-annotated-message", { messageType: "error", includeImage: true }),
  call("get-resource-links", { count: 3 }),
  call("get-resource-reference", { resourceType: "Text", resourceId: 1 }),
  call("trigger-long-running-operation", { duration: 1, steps: 3 }, { _meta: { progressToken: "p" } }),
  ["prompts/list"],
  ["prompts/get", { name: "simple-prompt" }],
  ["prompts/get", { name: "args-prompt", arguments: { city: "Ulm" } }],
  ["prompts/get", { name: "no-such-prompt" }],
  ["resources/list"],
  ["resources/templates/list"],
  ["resources/read", { uri: "demo://resource/dynamic/text/1" }],
  ["resources/read", { uri: "demo://resource/dynamic/blob/1" }],
  ["resources/read", { uri: "demo://no/such/resource" }],
  [
    "completion/complete",
    { ref: { type: "ref/prompt", name: "completable-prompt" }, argument: { name: "department", value: "E" } },
  ],
  ["logging/setLevel", { level: "error" }],
  ["ping"],
];

describe("through the gateway, byte for byte what is said without it:", () => {
  it("server-everything over HTTP", async () => {
    const port = await freePort();
    const child = spawn(process.execPath, [everything, "streamableHttp"], {
      env: { ...process.env, PORT: String(port) },
      stdio: "ignore",
    });
    closing.push(() => child.kill("SIGKILL"));
    const url = `http://127.0.0.1:${port}/mcp`;
    while (
      !(await fetch(url).then(
        () => true,
        () => false,
      ))
    )
      await sleep(50);
    const direct = await transcript(overHttp(url, null), everythingSteps);
    const gatewayed = await transcript(await through({ url }, direct.tools), everythingSteps);
    expect(gatewayed.said).toEqual(direct.said);
    expect(direct.tools.length).toBeGreaterThan(10);
    expect(direct.said.join()).toContain("notifications/progress");
  });

  it("server-everything over stdio", async () => {
    const { said } = await compareCommand([everything, "stdio"], everythingSteps);
    expect(said.join()).toContain("notifications/progress");
  });

  it("server-filesystem", async () => {
    const dir = path.join(scratch, "files");
    const reset = async () => {
      await rm(dir, { recursive: true, force: true });
      await mkdir(path.join(dir, "folder"), { recursive: true });
      await writeFile(path.join(dir, "a.txt"), "first\r\nsecond\u2029third\n");
      await writeFile(path.join(dir, "folder/b.json"), '{"n":9007199254740993}');
    };
    const at = (name: string) => ({ path: path.join(dir, name) });
    const steps: Step[] = [
      call("list_allowed_directories"),
      call("list_directory", { path: dir }),
      call("directory_tree", { path: dir }),
      call("read_text_file", at("a.txt")),
      call("read_text_file", at("folder/b.json")),
      call("read_text_file", { path: "/etc/passwd" }),
      call("read_text_file", at("missing.txt")),
      call("write_file", { ...at("new.txt"), content: "ÿ\t\u0007" }),
      call("edit_file", { ...at("a.txt"), edits: [{ oldText: "first", newText: "erste" }], dryRun: true }),
      call("search_files", { path: dir, pattern: "**/*.json" }),
      call("move_file", { source: at("new.txt").path, destination: at("moved.txt").path }),
      call("read_multiple_files", { paths: [at("moved.txt").path, at("missing.txt").path] }),
      call("create_directory", { path: 7 }),
    ];
    await compareCommand([filesystem, dir], steps, {}, reset);
  });

  it("server-memory", async () => {
    const file = path.join(scratch, "memory.jsonl");
    const entities = [
      { name: "Ada", entityType: "person", observations: ["wrote the first program", '"quotes" \\ 😀'] },
    ];
    const steps: Step[] = [
      call("create_entities", { entities }),
      call("create_relations", { relations: [{ from: "Ada", to: "Ada", relationType: "is" }] }),
      call("add_observations", { observations: [{ entityName: "nobody", contents: ["x"] }] }),
      call("read_graph"),
      call("search_nodes", { query: "first" }),
      call("open_nodes", { names: ["Ada", "nobody"] }),
      call("delete_entities", { entityNames: ["Ada"] }),
      call("read_graph"),
      call("open_nodes", { names: 1 }),
    ];
    await compareCommand([memory], steps, { MEMORY_FILE_PATH: file }, () => rm(file, { force: true }));
  });

  it("the list of Playwright's server", async () => {
    const { tools } = await compareCommand([playwright, "--headless", "--isolated"], []);
    expect(tools.length).toBeGreaterThan(15);
  });
});
