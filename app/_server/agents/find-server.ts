import { database } from "../../../prisma/client.ts";
import type { ServerDetail } from "../../api/v1/catalog-schemas.ts";
import { searchCatalog } from "../catalog/search.ts";
import { findCatalogServer } from "../catalog/servers.ts";
import { Trouble } from "./agent-tool.ts";
import { listed, quoted } from "./others-words.ts";

/** The server that is meant, by its name in the catalog or by where it comes from. */
export async function findServer(named: string): Promise<ServerDetail | Trouble> {
  const text = named.trim();
  if (/^[a-z0-9-]{1,120}$/.test(text)) {
    const found = await findCatalogServer(text);
    if (found) return found;
  }
  const sources = sourcesOf(text.replace(/\0|\p{Surrogate}/gu, ""));
  const rows = await database().catalogServer.findMany({
    where: { source: { in: sources } },
    select: { slug: true, source: true },
  });
  const meant = sources.flatMap((source) => rows.find((row) => row.source === source) ?? [])[0];
  return (meant && (await findCatalogServer(meant.slug))) ?? unknown(text);
}

/** The sources that a text may mean, as the catalog writes them; the likeliest first. */
function sourcesOf(text: string): string[] {
  if (/^(?:npm|github|registry|url):./.test(text)) return [text];
  const repository =
    /^(?:git\+)?(?:https?:\/\/|git@|ssh:\/\/git@)?(?:www\.)?github\.com[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/i;
  const [, repositoryName] = repository.exec(text) ?? [];
  if (repositoryName !== undefined) return [`github:${repositoryName}`];
  if (/^https?:\/\//i.test(text)) return [`url:${text}`];
  return [`npm:${text}`, `github:${text}`, `registry:${text}`];
}

async function unknown(text: string): Promise<Trouble> {
  const { items } = await searchCatalog({ of: "servers", q: text.slice(0, 100), limit: 5 });
  const near =
    items.length === 0
      ? "`search_catalog` finds servers by a part of their name."
      : `The nearest are ${listed(items.map(({ slug }) => slug))}. A name that is nearly that of another server is how look-alikes spread: make sure which one is meant.`;
  return new Trouble(
    `The catalog has no server ${quoted(text)}, so nothing is known of it. ${near} Tools that the server lists can be judged without the catalog: give their definitions to \`check_tool\` or \`recommend_policy\`.`,
  );
}
