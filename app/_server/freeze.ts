// The emergency brake: everything under an organisation, a server or a grant is refused until it is released.
import type * as z from "zod";
import type { Prisma } from "../../prisma/client.ts";
import type { freezeAnswer, freezeBody } from "../api/v1/schemas.ts";
import { changeAndEnforce } from "./gateways.ts";
import { frozenAt } from "./grants.ts";
import type { Member } from "./member.ts";
import { Refusal, refuse } from "./refusals.ts";

/** @returns How many gateways enforce it already. */
export async function freeze(
  member: Member,
  { scope, id, frozen }: z.output<typeof freezeBody>,
): Promise<z.input<typeof freezeAnswer> | Refusal> {
  const frozenId = scope === "organisation" ? (id ?? member.organisation.id) : id;
  if (frozenId === undefined) {
    return refuse("invalid_body", { errors: [{ pointer: "/id", message: `is needed to freeze a ${scope}` }] });
  }
  const changed = await changeAndEnforce(async (tx) => {
    const isThere = await setFrozen(tx, member, scope, frozenId, frozen);
    return isThere ? { result: undefined, announce: { kind: scope, id: frozenId } } : refuse("not_found");
  });
  return changed instanceof Refusal ? changed : { gateways: changed.gateways };
}

async function setFrozen(
  tx: Prisma.TransactionClient,
  member: Member,
  scope: "organisation" | "server" | "grant",
  id: string,
  frozen: boolean,
): Promise<boolean> {
  const organisationId = member.organisation.id;
  switch (scope) {
    case "organisation": {
      if (id !== organisationId) return false;
      const row = await tx.organisation.findUniqueOrThrow({ where: { id } });
      await tx.organisation.update({ where: { id }, data: frozenAt(frozen, row.frozenAt) });
      return true;
    }
    case "server": {
      const row = await tx.server.findFirst({ where: { id, organisationId } });
      if (row) await tx.server.update({ where: { id }, data: frozenAt(frozen, row.frozenAt) });
      return row !== null;
    }
    case "grant": {
      const row = await tx.grant.findFirst({ where: { id, organisationId } });
      if (row) await tx.grant.update({ where: { id }, data: frozenAt(frozen, row.frozenAt) });
      return row !== null;
    }
  }
}
