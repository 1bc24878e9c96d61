// API keys: what a person's script signs in with. A key may do what its owner's role may do.
import type * as z from "zod";
import { database } from "../../prisma/client.ts";
import { mintCredential } from "../../prisma/credentials.ts";
import type { apiKeyAnswer, apiKeySchema } from "../api/v1/schemas.ts";
import { audit } from "./audit.ts";
import type { Member } from "./member.ts";

type ApiKeyView = z.input<typeof apiKeySchema>;

export async function createApiKey(member: Member, name: string): Promise<z.input<typeof apiKeyAnswer>> {
  const { token, hash, hint } = mintCredential("pla_");
  const data = { organisationId: member.organisation.id, userId: member.userId, name, keyHash: hash, hint };
  const row = await database().$transaction(async (tx) => {
    const after = await tx.apiKey.create({ data });
    await audit(tx, member, { action: "api_key.created", target: { kind: "api_key", id: after.id, name }, after });
    return after;
  });
  return { ...view(row), apiKey: token };
}

export async function listApiKeys(member: Member): Promise<{ items: ApiKeyView[]; nextCursor: null }> {
  const rows = await database().apiKey.findMany({
    where: { organisationId: member.organisation.id },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  return { items: rows.map(view), nextCursor: null };
}

/** Takes effect at once: each request looks its key up. */
export async function deleteApiKey(member: Member, id: string): Promise<void> {
  await database().$transaction(async (tx) => {
    const own = { id, organisationId: member.organisation.id };
    const [before] = await tx.apiKey.findMany({ where: own });
    const { count } = await tx.apiKey.deleteMany({ where: own });
    if (!before || count === 0) return;
    await audit(tx, member, { action: "api_key.deleted", target: { kind: "api_key", id, name: before.name }, before });
  });
}

function view(row: { id: string; name: string; hint: string; createdAt: Date; lastUsedAt: Date | null }): ApiKeyView {
  const { id, name, hint } = row;
  return { id, name, hint, createdAt: row.createdAt.toISOString(), lastUsedAt: row.lastUsedAt?.toISOString() ?? null };
}
