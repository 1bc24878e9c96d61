// For tests: the management API on a real Postgres, asked as over HTTP, with a stand-in for the gateway.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { encode } from "next-auth/jwt";
import pg from "pg";
import { database } from "../../prisma/client.ts";
import { ackChannel, configChannel } from "../../prisma/epoch.ts";
import { internalToken } from "../../prisma/secrets.ts";
import { routes } from "../api/v1/routes.ts";
import { secretKeys } from "./environment.ts";
import { signInOptions } from "./sign-in.ts";

type Handler = (request: Request, context: { params: Promise<unknown> }) => Promise<Response>;

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever came back, and fails where it is not there
export type Asked = { status: number; type: string | null; headers: Headers; body: any };

export type AskOptions = { key?: string | null; body?: unknown; headers?: Record<string, string>; raw?: string };

/** To be called before anything else of the web is used. */
export function setEnvironment(databaseUrl: string): void {
  Object.assign(process.env, {
    DATABASE_URL: databaseUrl,
    SECRET_KEY: Buffer.alloc(32, 3).toString("base64url"),
    NEXTAUTH_SECRET: "a secret for tests",
    NEXTAUTH_URL: "http://127.0.0.1:3000",
    LOG_LEVEL: "silent",
  });
}

/** Sends a request to the route that Next would choose. `path` begins after `/api/v1`. */
export async function ask(method: string, path: string, options: AskOptions = {}): Promise<Asked> {
  return read(await respond(method, path, options));
}

/** The same without waiting for the end of an answer that may have none. */
export async function askStatus(
  method: string,
  path: string,
  options: AskOptions = {},
): Promise<Pick<Asked, "status"> & { code: string | null }> {
  const response = await respond(method, path, options);
  if (response.headers.get("content-type") === "application/problem+json") {
    const { status, body } = await read(response);
    return { status, code: body.code };
  }
  await response.body?.cancel();
  return { status: response.status, code: null };
}

async function respond(method: string, path: string, { key, body, headers, raw }: AskOptions): Promise<Response> {
  const url = new URL(`http://127.0.0.1:3000/api/v1${path}`);
  const [handler, params] = find(method, path.split("?")[0] ?? "");
  const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const request = new Request(url, {
    method,
    headers: {
      host: url.host,
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(text === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: text,
  });
  return handler(request, { params: Promise.resolve(params) });
}

async function read(response: Response): Promise<Asked> {
  const answer = await response.text();
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    headers: response.headers,
    body: answer && response.headers.get("content-type")?.includes("json") ? JSON.parse(answer) : answer || undefined,
  };
}

function find(method: string, path: string): [Handler, Record<string, string>] {
  for (const [template, module] of Object.entries(routes)) {
    const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
    const match = new RegExp(`^${template.replaceAll(/\{\w+\}/g, "([^/]+)")}$`).exec(path);
    if (match)
      return [
        (module as Record<string, Handler>)[method] ?? missing(),
        Object.fromEntries(names.map((name, i) => [name, match[i + 1] ?? ""])),
      ];
  }
  return missing();
}

function missing(): never {
  throw new Error("there is no such route");
}

/** A new organisation; the answer of the sign-up. */
export async function signUp(email = `ada-${randomUUID()}@example.com`) {
  const { status, body } = await ask("POST", "/signup", { body: { email, password: "correct horse battery staple" } });
  if (status !== 201) throw new Error(`sign-up answered ${status}: ${JSON.stringify(body)}`);
  return body as { user: { id: string; email: string }; organisation: { id: string; name: string }; apiKey: string };
}

/** Signs a user in, as next-auth does after the right password. What a browser then sends along with every request. */
export async function openBrowser(userId: string, agent = "Firefox", more: Record<string, string> = {}) {
  const headers = new Headers({ "user-agent": agent, "x-forwarded-for": "203.0.113.9", ...more });
  const jwt = signInOptions(headers).callbacks?.jwt;
  const account = { type: "credentials", provider: "credentials", providerAccountId: userId } as const;
  const token = await jwt?.({ token: { sub: userId }, account, user: { id: userId } });
  if (!token) throw new Error("nobody was signed in");
  const cookie = `next-auth.session-token=${await encode({ token, secret: process.env.NEXTAUTH_SECRET ?? "" })}`;
  return { cookie, "user-agent": agent };
}

/** Somebody else in the same organisation, with a key of their own. */
export async function addMember(
  admin: { organisation: { id: string }; apiKey: string },
  role: "policy_manager" | "viewer",
) {
  const other = await signUp();
  const db = database();
  await db.membership.deleteMany({ where: { userId: other.user.id } });
  await db.apiKey.updateMany({ where: { userId: other.user.id }, data: { organisationId: admin.organisation.id } });
  await db.membership.create({ data: { userId: other.user.id, organisationId: admin.organisation.id, role } });
  return other;
}

export type StandInGateway = {
  /** What the next inspections answer. */
  answer: Record<string, unknown>;
  /** What was asked of it. */
  inspected: unknown[];
  /** Whether it takes over changes as a gateway does. */
  enforces: boolean;
  /** Whether it goes on to say that it runs. */
  beats: boolean;
  stop(): Promise<void>;
};

/** Answers inspections and acknowledges changes, by the contract of the real one. */
export async function startStandInGateway(): Promise<StandInGateway> {
  const id = randomUUID();
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  client.on("error", () => {}); // the database goes before we do
  await client.connect();
  const gateway: StandInGateway = {
    answer: foundServer(["vm_create", "vm_list"]),
    inspected: [],
    enforces: true,
    beats: true,
    stop,
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const isOurs = request.headers.authorization === `Bearer ${internalToken(secretKeys())}`;
    if (isOurs) gateway.inspected.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(isOurs ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify(isOurs ? gateway.answer : {}));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const adminUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await client.query(
    `INSERT INTO "Gateway" ("id", "adminUrl", "startedAt", "seenAt", "epoch")
     SELECT $1::uuid, $2, now(), now(), "epoch" FROM "ConfigEpoch"`,
    [id, adminUrl],
  );
  const beat = setInterval(() => {
    if (!gateway.beats) return;
    client.query(`UPDATE "Gateway" SET "seenAt" = now() WHERE "id" = $1`, [id]).catch(() => {});
  }, 1_000);
  client.on("notification", ({ payload }) => {
    if (!gateway.enforces || !gateway.beats) return;
    const { epoch } = JSON.parse(payload ?? "{}") as { epoch: string };
    client
      .query(`UPDATE "Gateway" SET "epoch" = greatest("epoch", $2::bigint), "seenAt" = now() WHERE "id" = $1`, [
        id,
        epoch,
      ])
      .then(() => client.query("SELECT pg_notify($1, $2)", [ackChannel, JSON.stringify({ gateway: id, epoch })]))
      .catch(() => {});
  });
  await client.query(`LISTEN ${configChannel}`);

  async function stop(): Promise<void> {
    clearInterval(beat);
    await client.query(`DELETE FROM "Gateway" WHERE "id" = $1`, [id]);
    await client.end();
    server.close();
  }
  return gateway;
}

/** What a gateway answers of a server with these tools. */
export function foundServer(names: string[], description = "does what it says"): Record<string, unknown> {
  const tools = names.map((name) => ({
    name,
    definition: JSON.stringify({
      name,
      description,
      inputSchema: { type: "object", properties: { id: { type: "string" } } },
    }),
    definitionHash: Buffer.from(`${name} ${description}`).toString("hex").padEnd(64, "0").slice(0, 64),
  }));
  return {
    ok: true,
    era: "legacy",
    protocolVersion: "2025-06-18",
    serverInfo: { name: "stand-in\0", version: "1" },
    instructions: null,
    capabilities: {},
    tools,
    skippedLines: 0,
    findings: [],
  };
}
