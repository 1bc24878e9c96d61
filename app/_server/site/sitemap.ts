// The sitemap: an index, a file of the pages that are always there, and files of the catalog's.

import { serverPath, toolPath } from "../../../catalog/address.ts";
import { attacks } from "../../../catalog/attacks.ts";
import { riskCategories, severities } from "../../../catalog/schema.ts";
import { sitemapFiles, sitemapServers } from "../catalog/sitemap.ts";
import { settings } from "../environment.ts";
import { remembered } from "./remembered.ts";

/** What a million addresses take a second to gather is gathered again after ten minutes. */
const files = remembered({ keptMs: 600_000, keptMax: 1 }, () => sitemapFiles());
const catalogFile = remembered({ keptMs: 600_000, keptMax: 3 }, makeCatalogFile);

/** `lastmod` is left out where nobody knows it. */
type Entry = { path: string; lastmod?: string };

export async function sitemapIndex(): Promise<string> {
  // A file without an address is none.
  const filled = (await files("")).filter(({ addresses }) => addresses > 0);
  const catalog = filled.map((_, index) => `/sitemaps/catalog-${index + 1}.xml`);
  const entries = ["/sitemaps/pages.xml", ...catalog].map((path) => `<sitemap>${loc(path)}</sitemap>`);
  return document("sitemapindex", entries);
}

/** The file of this name, or null when there is none. */
export async function sitemapFile(name: string): Promise<string | null> {
  if (name === "pages.xml") return urlset(pages());
  const number = /^catalog-([1-9]\d{0,3})\.xml$/.exec(name)?.[1];
  if (number === undefined || Number(number) > (await files("")).length) return null;
  return catalogFile(number);
}

async function makeCatalogFile(number: string): Promise<string> {
  const file = (await files(""))[Number(number) - 1];
  const servers = file ? await sitemapServers(file) : [];
  return urlset(
    servers.flatMap(({ slug, seenAt, tools }) => [
      { path: serverPath(slug), lastmod: seenAt },
      ...tools.map(({ name, changedAt }) => ({ path: toolPath(slug, name), lastmod: changedAt })),
    ]),
  );
}

function pages(): Entry[] {
  const paths = [
    "/",
    "/catalog",
    "/catalog/changes",
    "/risk",
    ...severities.map((severity) => `/risk/${severity}`),
    ...riskCategories.map((category) => `/category/${category.toLowerCase()}`),
    "/attacks",
    ...attacks.map(({ slug }) => `/attacks/${slug}`),
    "/contact",
  ];
  return paths.map((path) => ({ path }));
}

function urlset(entries: Entry[]): string {
  return document(
    "urlset",
    entries.map(({ path, lastmod }) => `<url>${loc(path)}${lastmod ? `<lastmod>${lastmod}</lastmod>` : ""}</url>`),
  );
}

function loc(path: string): string {
  return `<loc>${xmlText(`${settings().publicUrl}${path}`)}</loc>`;
}

/** Encoded addresses still hold `&` and `'`. */
function xmlText(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function document(element: "sitemapindex" | "urlset", entries: string[]): string {
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  return `${head}\n<${element} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${entries.join("\n")}\n</${element}>\n`;
}
