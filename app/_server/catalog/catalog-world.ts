// For tests: servers and tools in the catalog, made from names alone.
import { randomUUID } from "node:crypto";
import { classify } from "../../../catalog/classify.ts";
import { toolFactsOf } from "../../../catalog/facts-of.ts";
import { slugOf } from "../../../catalog/slug.ts";
import { toolRows, toolsParameter, writeTools } from "../../../prisma/catalog-write.ts";
import { database } from "../../../prisma/client.ts";

export type Told = {
  source?: string;
  name?: string;
  evidence?: "snapshot" | "harvest" | "registry";
  tools?: (string | { name: string; [field: string]: unknown })[];
};

/** Adds a server with the tools that are named, classified as always. */
export async function addServer({
  source = `npm:x-${randomUUID()}`,
  name = source,
  evidence = "snapshot",
  tools = [],
}: Told) {
  const server = await database().catalogServer.create({
    data: { slug: slugOf(source), name, source, sourceKind: source.split(":")[0] ?? "", evidence },
  });
  await addTools(server.id, tools);
  return server;
}

export async function addTools(serverId: string, tools: NonNullable<Told["tools"]>): Promise<void> {
  const facts = tools.map((tool) => {
    const definition = typeof tool === "string" ? { name: tool } : tool;
    const definitionHash = Buffer.from(JSON.stringify(definition)).toString("hex").padEnd(64, "0").slice(0, 64);
    return toolFactsOf(definition, { definitionHash, classification: classify(definition) });
  });
  await database().$executeRawUnsafe(writeTools, toolsParameter(toolRows(serverId, "2026-11-20T00:00:00Z", facts)));
}

export async function emptyCatalog(): Promise<void> {
  await database().catalogServer.deleteMany();
}
