// What the picture of a page shows, by the page's address. Names are strangers' text: cut, and only what can be drawn.

import { toolNameOf } from "../../catalog/address.ts";
import { findAttack } from "../../catalog/attacks.ts";
import { riskCategories, type Severity, severities, severityOf } from "../../catalog/schema.ts";
import { findCatalogServer } from "../_server/catalog/servers.ts";
import { findCatalogTool } from "../_server/catalog/tools.ts";
import { catalogTotals } from "../_server/catalog/totals.ts";
import { drawable } from "./drawable.ts";

export type Picture = {
  /** Above the title: what kind of page it is. */
  kind: string;
  title: string;
  /** Names of tools and servers are set in the fixed-width face. */
  isName?: boolean;
  about?: string;
  severity?: Severity;
  counts?: { label: string; count: number; severity?: Severity }[];
};

const titleLengthMax = 70;

/** @returns Null for an address that has no page. */
export async function pictureOf(segments: readonly string[]): Promise<Picture | null> {
  const [room = "", first, second, ...rest] = segments;
  if (rest.length > 0) return null;
  switch (room) {
    case "":
      return homePicture();
    case "catalog":
      if (first === undefined) return catalogPicture();
      if (first === "changes") return second === undefined ? { kind: "Catalog", title: "What changed" } : null;
      return second === undefined ? serverPicture(first) : toolPicture(first, toolNameOf(second));
    case "risk":
      return second === undefined ? riskPicture(first) : null;
    case "category":
      return second === undefined ? categoryPicture(first) : null;
    case "attacks":
      return second === undefined ? attackPicture(first) : null;
    case "contact":
      return first === undefined
        ? { kind: "Contact", title: "Get in touch", about: "Have a question or want to learn more?" }
        : null;
    default:
      return null;
  }
}

async function homePicture(): Promise<Picture> {
  const { servers, tools } = await catalogTotals();
  return {
    kind: "A gateway for MCP",
    title: "Your agents call tools. You set the rules.",
    about: "Each tool call is decided by a policy you write, before it reaches the server.",
    counts: [
      { label: "servers in the catalog", count: servers },
      { label: "tools classified by risk", count: tools },
    ],
  };
}

async function catalogPicture(): Promise<Picture> {
  const { servers, bySeverity } = await catalogTotals();
  return {
    kind: "Catalog",
    title: "What can your agent do with this server?",
    counts: [{ label: "servers", count: servers }, ...severityCounts(bySeverity)],
  };
}

async function serverPicture(slug: string): Promise<Picture | null> {
  const server = await findCatalogServer(slug);
  if (!server) return null;
  const counts: Partial<Record<Severity, number>> = {};
  for (const category of riskCategories) {
    const severity = severityOf[category];
    counts[severity] = (counts[severity] ?? 0) + server.counts[category];
  }
  return {
    kind: "MCP server",
    title: drawable(server.name, titleLengthMax, server.slug),
    isName: true,
    about: drawable(server.packageName ?? server.source, 80, ""),
    ...(server.severity ? { severity: server.severity } : {}),
    counts: [{ label: server.toolCount === 1 ? "tool" : "tools", count: server.toolCount }, ...severityCounts(counts)],
  };
}

async function toolPicture(slug: string, name: string | null): Promise<Picture | null> {
  const tool = name === null ? null : await findCatalogTool(slug, name);
  if (!tool) return null;
  return {
    kind: `${tool.category} tool`,
    title: drawable(tool.name, titleLengthMax, "A tool"),
    isName: true,
    about: `on ${drawable(tool.server.name, 60, tool.server.slug)}`,
    severity: tool.severity,
    counts: [{ label: tool.server.toolCount === 1 ? "tool there" : "tools there", count: tool.server.toolCount }],
  };
}

async function riskPicture(name: string | undefined): Promise<Picture | null> {
  const { bySeverity } = await catalogTotals();
  if (name === undefined) {
    return { kind: "Risk", title: "How dangerous is a tool call?", counts: severityCounts(bySeverity) };
  }
  const severity = severities.find((known) => known === name);
  if (!severity) return null;
  return {
    kind: "Risk level",
    title: `${capital(severity)} risk`,
    severity,
    counts: [{ label: "tools in the catalog", count: bySeverity[severity], severity }],
  };
}

async function categoryPicture(name: string | undefined): Promise<Picture | null> {
  const category = riskCategories.find((known) => known.toLowerCase() === name);
  if (!category) return null;
  const { byCategory } = await catalogTotals();
  const severity = severityOf[category];
  return {
    kind: "Category",
    title: `${category} tools`,
    severity,
    counts: [{ label: "tools in the catalog", count: byCategory[category], severity }],
  };
}

function attackPicture(slug: string | undefined): Picture | null {
  if (slug === undefined) {
    return { kind: "Attack patterns", title: "How agents are turned against you, and what stops it" };
  }
  const attack = findAttack(slug);
  if (!attack) return null;
  return {
    kind: "Attack pattern",
    title: drawable(attack.title, titleLengthMax, "An attack pattern"),
    about: drawable(attack.oneLine, 150, ""),
  };
}

function severityCounts(counts: Partial<Record<Severity, number>>): NonNullable<Picture["counts"]> {
  return severities
    .toReversed()
    .map((severity) => ({ label: severity, count: counts[severity] ?? 0, severity }))
    .filter(({ count }) => count > 0);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
