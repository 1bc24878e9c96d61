// The MCP servers an organisation has registered.
import type * as z from "zod";
import { methodGroups, readOnDefinitionChange, refusedMethods } from "../../policy/server-settings.ts";
import { database, type Prisma } from "../../prisma/client.ts";
import { seal } from "../../prisma/secrets.ts";
import type { ServerAnswer, ServerSummary, serverBody, serverPatchBody } from "../api/v1/schemas.ts";
import { mayStartCommands } from "./accounts.ts";
import { audit } from "./audit.ts";
import { gatewayUrlOf, secretKeys } from "./environment.ts";
import { changeAndEnforce } from "./gateways.ts";
import { type Inspection, inspectServer } from "./inspect.ts";
import type { Member } from "./member.ts";
import { Refusal, refuse } from "./refusals.ts";
import { changesOfTools, judge, judgedColumns, storable, toolContents, toolView } from "./tools.ts";

type ServerBody = z.output<typeof serverBody>;

/** Connects to the server, lists its tools and keeps both. Answers when the gateways know the server. */
export async function registerServer(member: Member, body: ServerBody): Promise<ServerAnswer | Refusal> {
  const refusal = body.transport === "stdio" ? await refuseCommand(member) : refuseUrl(body.url);
  if (refusal) return refusal;
  const { name, ...target } = body;
  const inspection = await inspectServer(target);
  if (inspection instanceof Refusal) return inspection;

  const { transport } = body;
  const where = transport === "http" ? { url: body.url } : { command: body.command, args: body.args };
  const secrets = (transport === "http" ? body.headers : body.env) ?? {};
  const tools = toolContents(inspection);
  const changed = await changeAndEnforce(async (tx) => {
    const data = { organisationId: member.organisation.id, name, transport, ...where, ...connectedNow(inspection) };
    const accepted = {
      tools: { createMany: { data: tools } },
      pins: { createMany: { data: inspection.pins, skipDuplicates: true } },
      wordsPinnedAt: new Date(),
    };
    const { id } = await tx.server.create({ data: { ...data, ...accepted } });
    // Sealed for this row's id, which is known only now.
    const row = await tx.server.update({ where: { id }, data: sealedSecrets(id, transport, secrets) });
    const after = { ...row, tools: tools.length };
    await audit(tx, member, { action: "server.registered", target: { kind: "server", id, name }, after });
    return { result: id, announce: { kind: "server", id } };
  });
  return changed instanceof Refusal ? changed : readServer(member, changed.result);
}

/** The commands of this machine are not everybody's to start. */
export async function refuseCommand(member: Member): Promise<Refusal | null> {
  if (await mayStartCommands(member)) return null;
  return refuse("stdio_not_allowed", {
    detail:
      "Only admins of the organisation that signed up first may, unless ALLOW_STDIO=1 is set where PolicyLayer runs.",
  });
}

/** A password in a URL would be kept and shown as part of it. */
function refuseUrl(url: string): Refusal | null {
  const { username, password } = new URL(url);
  if (!username && !password) return null;
  return refuse("invalid_body", {
    errors: [{ pointer: "/url", message: "must not have a user name or password in it; use `headers`" }],
  });
}

/** What the server said of itself, as columns. */
export function connectedNow(inspection: Inspection) {
  const { era, protocolVersion, serverInfo, instructions } = inspection;
  return {
    era,
    protocolVersion: protocolVersion == null ? null : storable(protocolVersion).slice(0, 100),
    serverInfo: nameAndVersion(serverInfo),
    instructions: instructions == null ? null : storable(instructions).slice(0, 65_536),
    status: "connected",
    statusMessage: null,
    connectedAt: new Date(),
  };
}

function nameAndVersion(serverInfo: unknown): Prisma.InputJsonObject {
  const { name, title, version } = (serverInfo ?? {}) as Record<string, unknown>;
  const texts = Object.entries({ name, title, version }).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(texts.map(([key, text]) => [key, storable(text).slice(0, 1_000)]));
}

/** Static headers or variables as columns: values sealed, names for people. */
function sealedSecrets(id: string, transport: "http" | "stdio", secrets: Record<string, string>) {
  const secretNames = Object.keys(secrets).sort();
  const purpose = transport === "http" ? "upstream-headers" : "upstream-env";
  const sealed = secretNames.length === 0 ? null : seal(secretKeys(), purpose, JSON.stringify(secrets), id);
  return { secretNames, ...(transport === "http" ? { sealedHeaders: sealed } : { sealedEnv: sealed }) };
}

const counted = {
  _count: {
    select: { policies: true, grants: { where: { revokedAt: null } }, changes: { where: { state: "pending" } } },
  },
} satisfies Prisma.ServerInclude;

type CountedServer = Prisma.ServerGetPayload<{ include: typeof counted }> & {
  tools: { severity: string; state: string }[];
};

export async function listServers(member: Member): Promise<{ items: ServerSummary[]; nextCursor: null }> {
  const rows = await database().server.findMany({
    where: { organisationId: member.organisation.id },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    include: { ...counted, tools: { select: { ...judgedColumns, state: true } }, changes: changesOfTools },
  });
  return {
    items: rows.map(({ tools, ...row }) => {
      const changed = namesIn(row.changes);
      return summary({ ...row, tools: tools.map((tool) => ({ state: tool.state, ...judge(tool, changed) })) });
    }),
    nextCursor: null,
  };
}

export async function readServer(member: Member, id: string): Promise<ServerAnswer | Refusal> {
  const row = await database().server.findFirst({
    where: { id, organisationId: member.organisation.id },
    include: {
      ...counted,
      tools: { orderBy: [{ position: "asc" }, { name: "asc" }] },
      changes: changesOfTools,
    },
  });
  if (!row) return refuse("not_found");
  const changed = namesIn(row.changes);
  const tools = row.tools.map((tool) => toolView(tool, changed));
  return { ...summary({ ...row, tools }), tools };
}

function namesIn(changes: readonly { name: string }[]): Set<string> {
  return new Set(changes.map(({ name }) => name));
}

/**
 * Changes the name, replaces the static headers or variables as a whole, and settles what is recorded and relayed. What was
 * recorded before stays on record.
 */
export async function patchServer(
  member: Member,
  id: string,
  { name, headers, env, methods, ...settings }: z.output<typeof serverPatchBody>,
): Promise<ServerAnswer | Refusal> {
  const changed = await changeAndEnforce(async (tx) => {
    const server = await tx.server.findFirst({ where: { id, organisationId: member.organisation.id } });
    if (!server) return refuse("not_found");
    const misplaced = server.transport === "http" ? env && "env" : headers && "headers";
    if (misplaced) {
      const message = `is not for a server with transport ${server.transport}`;
      return refuse("invalid_body", { errors: [{ pointer: `/${misplaced}`, message }] });
    }
    // A variable such as NODE_OPTIONS or PATH says what is started as much as the command does.
    const refusal = env ? await refuseCommand(member) : null;
    if (refusal) return refusal;
    const secrets = headers ?? env;
    const after = await tx.server.update({
      where: { id },
      data: {
        name,
        ...settings,
        ...(methods && { methods: { ...methodsOf(server.methods), ...methods } }),
        ...(secrets && sealedSecrets(id, server.transport, secrets)),
      },
    });
    await audit(tx, member, {
      action: "server.changed",
      target: { kind: "server", id, name: after.name },
      before: server,
      after: { ...after, ...(secrets && { secretsChanged: true }) },
    });
    return { result: undefined, announce: { kind: "server", id } };
  });
  return changed instanceof Refusal ? changed : readServer(member, id);
}

/** What is said of each group of methods, the defaults included. */
function methodsOf(methods: unknown): ServerSummary["methods"] {
  const refused = refusedMethods(methods);
  const said = methodGroups.map((group) => [group, refused.has(group) ? "refuse" : "relay"] as const);
  return Object.fromEntries(said) as ServerSummary["methods"];
}

/** With its tools, policies and grants. The calls on record stay. */
export async function deleteServer(member: Member, id: string): Promise<Refusal | undefined> {
  const changed = await changeAndEnforce(async (tx) => {
    // Grants first: a policy cannot go while a grant points at it, also within one cascade.
    await tx.grant.deleteMany({ where: { serverId: id, organisationId: member.organisation.id } });
    const [before] = await tx.server.findMany({ where: { id, organisationId: member.organisation.id } });
    const { count } = await tx.server.deleteMany({ where: { id, organisationId: member.organisation.id } });
    if (!before || count === 0) return refuse("not_found");
    await audit(tx, member, { action: "server.deleted", target: { kind: "server", id, name: before.name }, before });
    return { result: undefined, announce: { kind: "server", id } };
  });
  return changed instanceof Refusal ? changed : undefined;
}

function summary(row: CountedServer): ServerSummary {
  const { id, name, transport, url, command, args, secretNames, status, statusMessage, protocolVersion } = row;
  const { logArgumentValues } = row;
  const tools = row.tools.filter(({ state }) => state !== "gone");
  const countOf = (severity: string) => tools.filter((tool) => tool.severity === severity).length;
  return {
    id,
    name,
    transport,
    url,
    command,
    args,
    secretNames,
    gatewayUrl: gatewayUrlOf(id),
    status,
    statusMessage,
    era: row.era === null || row.era === "modern" ? row.era : "legacy",
    protocolVersion,
    frozen: row.frozenAt !== null,
    logArgumentValues,
    onDefinitionChange: readOnDefinitionChange(row.onDefinitionChange),
    methods: methodsOf(row.methods),
    changeCount: row._count.changes,
    toolCount: tools.length,
    severityCounts: {
      low: countOf("low"),
      medium: countOf("medium"),
      high: countOf("high"),
      critical: countOf("critical"),
    },
    policyCount: row._count.policies,
    grantCount: row._count.grants,
    connectedAt: row.connectedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}
