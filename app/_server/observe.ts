// What a server serves when its owner connects to it again, held against what was accepted: as a gateway does with each list,
// and besides what is gone.
import { createHash } from "node:crypto";
import type { Prisma } from "../../prisma/client.ts";
import type { Inspection } from "./inspect.ts";
import type { ToolContent } from "./tools.ts";

type Observed = { kind: string; name: string; definitionHash: string; definition: string | null; problem: string };

/**
 * Notes every difference for a person to review. A tool or prompt that is as it was accepted comes back, also when another
 * definition of it was rejected before.
 */
export async function observe(
  tx: Prisma.TransactionClient,
  serverId: string,
  inspection: Inspection,
  tools: readonly ToolContent[],
): Promise<void> {
  const known = await tx.tool.findMany({
    where: { serverId },
    select: { name: true, definitionHash: true, state: true },
  });
  const accepted = new Map(known.map((tool) => [tool.name, tool]));
  const observed: Observed[] = [];
  const same: string[] = [];
  for (const { name, position, definition, definitionHash } of tools) {
    const before = accepted.get(name);
    if (before?.definitionHash === definitionHash) {
      same.push(name);
      await tx.tool.update({ where: { serverId_name: { serverId, name } }, data: { position, state: "accepted" } });
    } else {
      observed.push({ kind: "tool", name, definition, definitionHash, problem: "changed" });
      // It is listed, so it is not gone.
      await tx.tool.updateMany({ where: { serverId, name, state: "gone" }, data: { state: "accepted" } });
    }
  }
  const unusable = unusableTools(inspection).filter(({ name }) => accepted.has(name));
  const listed = new Set([...tools, ...unusable].map(({ name }) => name));
  const gone = known.filter(({ name, state }) => state !== "gone" && !listed.has(name)).map(({ name }) => name);
  await tx.tool.updateMany({ where: { serverId, name: { in: gone } }, data: { state: "gone", changedAt: new Date() } });
  observed.push(
    ...unusable,
    ...gone.map((name) => ({ kind: "tool", name, definition: null, definitionHash: goneHash, problem: "gone" })),
  );
  observed.push(...(await observeWords(tx, serverId, inspection)));
  await tx.definitionChange.deleteMany({
    where: { serverId, kind: "tool", name: { in: [...listed] }, problem: "gone" },
  });
  await tx.definitionChange.deleteMany({ where: { serverId, kind: "tool", name: { in: same }, state: "rejected" } });
  await tx.definitionChange.createMany({ data: observed.map((one) => ({ serverId, ...one })), skipDuplicates: true });
}

/** Stands for the definition of a tool that is not there. */
const goneHash = "gone";

/** Instructions and prompts. The first time they are accepted as they are: nobody has accepted others. */
async function observeWords(tx: Prisma.TransactionClient, serverId: string, { pins }: Inspection): Promise<Observed[]> {
  const { wordsPinnedAt } = await tx.server.findUniqueOrThrow({ where: { id: serverId } });
  if (wordsPinnedAt === null) {
    await tx.server.update({ where: { id: serverId }, data: { wordsPinnedAt: new Date() } });
    await tx.pin.createMany({ data: pins.map((pin) => ({ serverId, ...pin })), skipDuplicates: true });
    return [];
  }
  const known = await tx.pin.findMany({ where: { serverId } });
  const isAccepted = new Set(known.map(({ kind, name, definitionHash }) => `${kind} ${definitionHash} ${name}`));
  const isSame = (pin: (typeof pins)[number]) => isAccepted.has(`${pin.kind} ${pin.definitionHash} ${pin.name}`);
  const same = pins.filter((pin) => pin.kind === "prompt" && isSame(pin)).map(({ name }) => name);
  await tx.definitionChange.deleteMany({ where: { serverId, kind: "prompt", name: { in: same }, state: "rejected" } });
  return pins.filter((pin) => !isSame(pin)).map((pin) => ({ ...pin, problem: "changed" }));
}

const problems: Record<string, string> = {
  tool_name_duplicate: "duplicate",
  tool_name_similar: "look_alike",
  tool_definition_refused: "unreadable",
};

function unusableTools({ findings }: Inspection): Observed[] {
  return findings.flatMap(({ code, tool }) => {
    const problem = problems[code];
    if (problem === undefined || tool === null) return [];
    // As a gateway writes it that sees the same.
    const definitionHash = createHash("sha256").update(`${problem} tool ${tool}`).digest("hex");
    return [{ kind: "tool", name: tool, definition: null, definitionHash, problem }];
  });
}
