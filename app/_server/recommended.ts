// The recommended policy for a server that an organisation registered.
import { serverPath } from "../../catalog/address.ts";
import { sourcesOfRegistered } from "../../catalog/registered.ts";
import { recommendedForServer } from "../../policy/recommend.ts";
import { database } from "../../prisma/client.ts";
import type { RecommendedAnswer } from "../api/v1/schemas.ts";
import { allToolsForPolicy } from "./catalog/servers.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";
import { changesOfTools, toolView } from "./tools.ts";

/**
 * Made from the definitions that were accepted and the categories that count. What the catalog knows besides is what no
 * definition says: arguments that the server reads without declaring them.
 */
export async function recommendPolicy(member: Member, serverId: string): Promise<RecommendedAnswer | Refusal> {
  const server = await database().server.findFirst({
    where: { id: serverId, organisationId: member.organisation.id },
    include: {
      tools: { where: { state: { not: "gone" } }, orderBy: [{ position: "asc" }, { name: "asc" }] },
      changes: changesOfTools,
    },
  });
  if (!server) return refuse("not_found");
  const changed = new Set(server.changes.map(({ name }) => name));
  const tools = server.tools.map((tool) => toolView(tool, changed));
  const known = await database().catalogServer.findFirst({
    where: { source: { in: sourcesOfRegistered(server) } },
    select: { slug: true },
  });
  const facts = new Map((known ? await allToolsForPolicy(known.slug) : []).map((tool) => [tool.name, tool]));
  const { text } = recommendedForServer(
    tools.map(({ name, category, severity, inputSchema }) => ({
      name,
      category,
      severity,
      inputSchema: inputSchema ?? {},
      parameters: facts.get(name)?.parameters.filter(({ declared }) => !declared) ?? [],
    })),
  );
  return {
    document: text,
    catalogPath: known ? serverPath(known.slug) : null,
    tools: tools.map(({ name, category, severity }) => ({ name, category, severity })),
  };
}
