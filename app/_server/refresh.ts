// Connecting to a registered server again: its owner looks at what it serves now.

import { database, type Prisma } from "../../prisma/client.ts";
import { open } from "../../prisma/secrets.ts";
import { environmentSchema, headersSchema, type ServerAnswer } from "../api/v1/schemas.ts";
import { audit } from "./audit.ts";
import { secretKeys } from "./environment.ts";
import { changeAndEnforce } from "./gateways.ts";
import { type InspectTarget, inspectServer } from "./inspect.ts";
import type { Member } from "./member.ts";
import { observe } from "./observe.ts";
import { Refusal, refusals, refuse } from "./refusals.ts";
import { connectedNow, readServer, refuseCommand } from "./servers.ts";
import { storable, toolContents } from "./tools.ts";

type ServerRow = Prisma.ServerGetPayload<object>;

/**
 * Lists the server's tools anew. New and changed ones wait to be reviewed, those no longer listed are kept as `gone`. When the
 * server cannot be reached, its status says why.
 */
export async function refreshServer(member: Member, id: string): Promise<ServerAnswer | Refusal> {
  const server = await database().server.findFirst({ where: { id, organisationId: member.organisation.id } });
  if (!server) return refuse("not_found");
  const refusal = server.transport === "stdio" ? await refuseCommand(member) : null;
  const target = refusal ?? inspectTarget(server);
  if (target instanceof Refusal) return target;

  const inspection = await inspectServer(target);
  if (inspection instanceof Refusal) {
    if (inspection.code !== "gateway_unavailable") await noteTrouble(id, inspection);
    return inspection;
  }
  const tools = toolContents(inspection);
  const changed = await changeAndEnforce(async (tx) => {
    // Two refreshes at once write one after the other; and the server may have been deleted meanwhile.
    const locked = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "Server" WHERE "id" = ${id}::uuid AND "organisationId" = ${server.organisationId}::uuid FOR UPDATE`;
    if (locked.length === 0) return refuse("not_found");
    const { instructions, ...connected } = connectedNow(inspection);
    // Those that were accepted are shown until others are.
    const isFirst = server.wordsPinnedAt === null;
    await tx.server.update({ where: { id }, data: { ...connected, ...(isFirst ? { instructions } : {}) } });
    await observe(tx, id, inspection, tools);
    const target = { kind: "server", id, name: server.name } as const;
    await audit(tx, member, { action: "server.refreshed", target, after: { tools: tools.length } });
    return { result: undefined, announce: { kind: "server", id } };
  });
  return changed instanceof Refusal ? changed : readServer(member, id);
}

function inspectTarget(server: ServerRow): InspectTarget | Refusal {
  const { id, transport, url, command, args, sealedHeaders, sealedEnv } = server;
  const sealed = transport === "http" ? sealedHeaders : sealedEnv;
  const opened = sealed && open(secretKeys(), transport === "http" ? "upstream-headers" : "upstream-env", sealed, id);
  if (sealed && opened === null) return refuse("secrets_unreadable");
  const secrets: unknown = opened ? JSON.parse(opened) : undefined;
  return transport === "http"
    ? { transport, url: url ?? "", headers: headersSchema.optional().parse(secrets) }
    : { transport, command: command ?? "", args, env: environmentSchema.optional().parse(secrets) };
}

/** For people only: the gateways do not read it, so there is nothing to announce. */
async function noteTrouble(id: string, { code, more }: Refusal): Promise<void> {
  const statusMessage = storable(more.detail ?? refusals[code].title).slice(0, 4_096);
  await database().server.updateMany({ where: { id }, data: { status: code, statusMessage } });
}
