// An owner's own category for a tool, in the place of the classifier's.
import type * as z from "zod";
import type { overrideAnswer, overrideBody } from "../api/v1/schemas.ts";
import { audit } from "./audit.ts";
import { changeAndEnforce } from "./gateways.ts";
import type { Member } from "./member.ts";
import { serverNameOf } from "./policies.ts";
import { Refusal, refuse } from "./refusals.ts";
import { changedTools, toolView } from "./tools.ts";

/**
 * Pins a category to the tool's definition as it was accepted. In force in every gateway when this answers. It falls by
 * itself when another definition is accepted (catalog/override.ts).
 */
export async function overrideCategory(
  member: Member,
  serverId: string,
  { name, definitionHash, category }: z.output<typeof overrideBody>,
): Promise<z.input<typeof overrideAnswer> | Refusal> {
  const changed = await changeAndEnforce(async (tx) => {
    // Accepting a definition takes this lock too.
    const locked = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "Server" WHERE "id" = ${serverId}::uuid AND "organisationId" = ${member.organisation.id}::uuid FOR UPDATE`;
    const where = { serverId_name: { serverId, name } };
    const tool = locked.length === 0 ? null : await tx.tool.findUnique({ where });
    if (tool === null) return refuse("not_found");
    if (tool.definitionHash !== definitionHash) return refuse("definition_moved_on");
    const data =
      category === null
        ? { overrideCategory: null, overrideHash: null, overrideAt: null }
        : { overrideCategory: category, overrideHash: definitionHash, overrideAt: new Date() };
    const result = await tx.tool.update({ where, data });
    const server = await serverNameOf(tx, serverId);
    await audit(tx, member, {
      action: "tool.category_set",
      target: { kind: "tool", id: tool.id, name },
      before: { ...tool, server },
      after: { ...result, server },
    });
    return { result, announce: { kind: "server", id: serverId } };
  });
  if (changed instanceof Refusal) return changed;
  return { tool: toolView(changed.result, await changedTools(serverId)), gateways: changed.gateways };
}
