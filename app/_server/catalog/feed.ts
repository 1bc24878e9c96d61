// The changes of the catalog as an Atom feed (RFC 4287).
import { serverPath, toolPath } from "../../../catalog/address.ts";
import { visible } from "../../../components/visible.ts";
import { whatHappened } from "../../(public)/catalog/_parts/event-words.ts";
import { changesPath, feedPath } from "../../(public)/catalog/changes/changes-asked.ts";
import type { CatalogEventRow } from "../../api/v1/catalog-schemas.ts";
import { settings } from "../environment.ts";
import { catalogEvents } from "./events.ts";
import { findCatalogServer } from "./servers.ts";

const entriesMax = 100;

/** Null for a server that nobody knows. */
export async function changesFeed(slug: string | undefined): Promise<string | null> {
  const server = slug === undefined ? null : await findCatalogServer(slug);
  if (slug !== undefined && server === null) return null;
  const { items } = await catalogEvents({ slug, limit: entriesMax });
  const title = server ? `Changes of ${visible(server.name)}` : "Changes in the catalog of MCP servers";
  return atom({
    title,
    self: absolute(feedPath(slug)),
    page: absolute(changesPath({ server: slug })),
    updated: items[0]?.at ?? server?.firstSeenAt ?? new Date(0).toISOString(),
    events: items,
  });
}

function absolute(path: string): string {
  return `${settings().publicUrl}${path}`;
}

type Feed = { title: string; self: string; page: string; updated: string; events: readonly CatalogEventRow[] };

export function atom({ title, self, page, updated, events }: Feed): string {
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>${xmlText(self)}</id>`,
    `<title>${xmlText(title)}</title>`,
    `<updated>${updated}</updated>`,
    `<author><name>PolicyLayer</name></author>`,
    `<link rel="self" type="application/atom+xml" href="${xmlText(self)}"/>`,
    `<link rel="alternate" type="text/html" href="${xmlText(page)}"/>`,
    ...events.map(entry),
    "</feed>",
    "",
  ].join("\n");
}

function entry(event: CatalogEventRow): string {
  const { id, at, server, tool, kind } = event;
  const link = absolute(tool === null ? serverPath(server.slug) : toolPath(server.slug, tool));
  const said = tool === null ? whatHappened(event) : `${visible(tool)} ${whatHappened(event)}`;
  return [
    "<entry>",
    `<id>urn:uuid:${id}</id>`,
    `<title>${xmlText(`${visible(server.name)}: ${said}`)}</title>`,
    `<updated>${at}</updated>`,
    `<link rel="alternate" type="text/html" href="${xmlText(link)}"/>`,
    `<category term="${kind}"/>`,
    `<content type="text">${xmlText(said)}</content>`,
    "</entry>",
  ].join("");
}

/** Names are strangers’ text. What XML cannot hold at all is written out by `visible` before. */
function xmlText(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "").replace(/[\ufffe\uffff]/g, "\ufffd");
}
