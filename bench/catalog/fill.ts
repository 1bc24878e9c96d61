// Fills a database with made-up servers and tools, through the same tables and triggers as real ones.
import type pg from "pg";
import { kinOf } from "../../catalog/kin.ts";
import { type RiskCategory, severityOf } from "../../catalog/schema.ts";
import { brand, chances, manners, oneOf, oneVerb, parameters, sentence, things } from "./words.ts";

export const toolsOfServerMean = 20;
const serversAtOnce = 500;

type Chance = () => number;

export type MadeServer = { slug: string; name: string; source: string; evidence: string; tools: MadeTool[] };
export type MadeTool = {
  name: string;
  verb: string;
  category: RiskCategory;
  thing: string;
  description: string | null;
};

/** The servers from number `from` on; each number always gives the same server, so that more can be added to fewer. */
export function madeServer(number: number): MadeServer {
  const chance = chances(number * 7_919 + 17);
  const named = brand(chance);
  const style = Math.floor(chance() * 5);
  const [kind, evidence] = sourceOf(chance());
  const slug = `${named}-${number}`;
  const isDescribed = evidence === "harvest";
  return {
    slug,
    name: [`${named} MCP server`, named, `${capital(named)}Tools`, `mcp-${named}`][number % 4] ?? named,
    source: { npm: `npm:@${named}/${slug}`, github: `github:${named}/${slug}`, url: `url:https://${slug}.example/mcp` }[
      kind
    ],
    evidence,
    tools: toolsOf(sizeOf(chance()), style, named, isDescribed, chance),
  };
}

/** Most servers have a handful, a few have hundreds; the mean is {@link toolsOfServerMean}. */
function sizeOf(chance: number): number {
  return Math.min(500, Math.max(1, Math.round(6.45 * (1 - chance) ** -0.72)));
}

function sourceOf(chance: number): ["npm" | "github" | "url", string] {
  if (chance < 0.75) return ["npm", chance < 0.15 ? "harvest" : "snapshot"];
  return chance < 0.97 ? ["github", "snapshot"] : ["url", "harvest"];
}

function toolsOf(count: number, style: number, named: string, isDescribed: boolean, chance: Chance): MadeTool[] {
  const made = new Map<string, MadeTool>();
  for (let tries = 0; made.size < count; tries += 1) {
    const { verb, category } = oneVerb(chance);
    const thing = oneOf(things, chance);
    const words = [
      ...(style === 4 ? [named] : []),
      verb,
      ...(chance() < 0.35 ? [oneOf(things, chance)] : []),
      thing,
      ...(chance() < 0.3 ? oneOf(manners, chance).split("_") : []),
      ...(tries > count * 3 ? [String(tries)] : []),
    ];
    const name = spelled(words, style);
    if (!made.has(name))
      made.set(name, { name, verb, category, thing, description: isDescribed ? sentence(verb, thing, chance) : null });
  }
  return [...made.values()];
}

function spelled(words: readonly string[], style: number): string {
  if (style === 1) return words.map((word, at) => (at === 0 ? word : capital(word))).join("");
  return words.join(["_", "", "-", "_", "."][style]);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Adds the servers with the numbers from `from` to before `to`. @returns How many tools they have. */
export async function fill(client: pg.Client, from: number, to: number): Promise<number> {
  let tools = 0;
  for (let at = from; at < to; at += serversAtOnce) {
    const numbers = Array.from({ length: Math.min(serversAtOnce, to - at) }, (_, number) => at + number);
    tools += await add(client, numbers.map(madeServer));
  }
  return tools;
}

async function add(client: pg.Client, servers: readonly MadeServer[]): Promise<number> {
  const { rows } = await client.query<{ id: string; slug: string }>(insertServers, [
    servers.map(({ slug }) => slug),
    servers.map(({ name }) => name),
    servers.map(({ source }) => source),
    servers.map(({ evidence }) => evidence),
  ]);
  const ids = new Map(rows.map(({ id, slug }) => [slug, id]));
  const chance = chances(servers.length + rows.length);
  const columns: (string | number | null)[][] = Array.from({ length: 11 }, () => []);
  for (const { slug, tools } of servers) {
    for (const [position, tool] of tools.entries()) {
      const row = rowOf(ids.get(slug) ?? "", position, tool, chance);
      for (const [at, value] of row.entries()) columns[at]?.push(value);
    }
  }
  await client.query(insertTools, columns);
  return columns[0]?.length ?? 0;
}

function rowOf(serverId: string, position: number, { name, verb, category, description }: MadeTool, chance: Chance) {
  const signal = { id: `verb.${category.toLowerCase()}`, category, source: "name" as const, quote: verb, weight: 0.9 };
  const taken = new Set(Array.from({ length: Math.floor(chance() * 8) }, () => oneOf(parameters, chance)));
  const facts = [...taken].map((parameter) => ({ name: parameter, types: ["string"], required: chance() < 0.4 }));
  return [
    serverId,
    name,
    position,
    description,
    JSON.stringify(facts),
    `${name}-${serverId}`.padEnd(64, "0").slice(0, 64),
    category,
    severityOf[category],
    Math.round(50 + chance() * 49) / 100,
    JSON.stringify([signal]),
    kinOf({ name, category, signals: [signal] }),
  ];
}

const insertServers = `
  INSERT INTO "CatalogServer" ("id", "slug", "name", "source", "sourceKind", "packageName", "evidence", "version")
  SELECT gen_random_uuid(), s."slug", s."name", s."source", split_part(s."source", ':', 1),
    CASE WHEN s."source" LIKE 'npm:%' THEN substr(s."source", 5) END, s."evidence", '1.0.0'
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS s ("slug", "name", "source", "evidence")
  RETURNING "id", "slug"`;

const insertTools = `
  INSERT INTO "CatalogTool" ("id", "serverId", "name", "position", "description", "parameters", "definitionHash", "category", "severity",
    "confidence", "signals", "kin")
  SELECT gen_random_uuid(), t.* FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::jsonb[], $6::text[], $7::text[], $8::text[],
    $9::float8[], $10::jsonb[], $11::text[]) AS t`;
