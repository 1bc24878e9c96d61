import { classify } from "../catalog/classify.ts";
import type { Harvest } from "../catalog/harvest.ts";
import { type Severity, severities, type ToolDefinition } from "../catalog/schema.ts";
import { harmless } from "./paint.ts";

export type Scanned = { harvest: Harvest };

/** What a run came to: how many answered, why the others did not, and what held while they ran. */
export type Summary = {
  asked: number;
  answered: number;
  tools: number;
  passedOver: number;
  notReached: number;
  troubles: Record<string, number>;
  /** Of those that were started: network interfaces that were up or had carried a byte, and processes left behind. */
  isolation: { started: number; interfaces: string[]; up: number; bytes: number; survivors: number };
  longestMs: number;
  /** The longest start of a program, and the longest that one may take. */
  ranMs: number;
  limitMs: number;
};

export function summaryOf(scanned: readonly Scanned[], passedOver: number, notReached: number): Summary {
  const harvests = scanned.map(({ harvest }) => harvest);
  const troubles: Record<string, number> = {};
  for (const harvest of harvests) if (!harvest.ok) troubles[harvest.code] = (troubles[harvest.code] ?? 0) + 1;
  const cells = harvests.flatMap(({ isolation }) => (isolation ? [isolation] : []));
  const interfaces = cells.flatMap((cell) => cell.interfaces);
  return {
    asked: harvests.length,
    answered: harvests.filter(({ ok }) => ok).length,
    tools: harvests.reduce((sum, harvest) => sum + (harvest.ok ? harvest.tools.length : 0), 0),
    passedOver,
    notReached,
    troubles,
    isolation: {
      started: cells.length,
      interfaces: [...new Set(interfaces.map(({ name }) => name))].sort(),
      up: interfaces.filter(({ up }) => up).length,
      bytes: interfaces.reduce((sum, { receivedBytes, sentBytes }) => sum + receivedBytes + sentBytes, 0),
      survivors: cells.reduce((sum, { survivors }) => sum + survivors, 0),
    },
    longestMs: Math.max(0, ...harvests.map(({ ms }) => ms)),
    ranMs: Math.max(0, ...cells.map(({ ranMs = 0 }) => ranMs)),
    limitMs: Math.max(0, ...cells.map(({ timeMaxMs }) => timeMaxMs)),
  };
}

export function summaryLines(summary: Summary): string[] {
  const { asked, answered, tools, passedOver, notReached, troubles, isolation, longestMs } = summary;
  const said = [`${answered} of ${asked} answered, with ${tools} tools; the longest took ${seconds(longestMs)}`];
  const why = Object.entries(troubles).sort(([, a], [, b]) => b - a);
  if (why.length > 0) said.push(`the others: ${why.map(([code, count]) => `${count} ${code}`).join(", ")}`);
  if (isolation.started > 0) {
    const { started, interfaces, up, bytes, survivors } = isolation;
    said.push(
      `${started} were started apart: interfaces ${interfaces.join(", ") || "none"}, ${up} of them up, ${bytes} bytes in or out, ${survivors} processes left`,
    );
  }
  if (summary.ranMs > 0)
    said.push(`no start took longer than ${seconds(summary.ranMs)} of its ${seconds(summary.limitMs)}`);
  if (passedOver > 0) said.push(`${passedOver} were listed before and passed over; --again lists them anew`);
  if (notReached > 0) said.push(`${notReached} were not reached`);
  return said;
}

/** A server's tools, riskiest first. */
export function toolLines({ harvest }: Scanned): string[] {
  if (!harvest.ok) return [];
  const tools = harvest.tools.map(({ name, definition }) => {
    const { category, severity } = classify(JSON.parse(definition) as ToolDefinition);
    return { name, category, severity };
  });
  const rank = (severity: Severity) => -severities.indexOf(severity);
  tools.sort((a, b) => rank(a.severity) - rank(b.severity));
  return [
    `${harvest.name}${harvest.version ? ` ${harmless(harvest.version)}` : ""}`,
    ...tools.map(
      ({ name, category, severity }) => `  ${severity.padEnd(8)}  ${category.padEnd(11)}  ${harmless(name)}`,
    ),
    "",
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
