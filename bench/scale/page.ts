// The tables of ops/SCALE.md.
import { herd } from "./herd.ts";
import { measured } from "./inputs.ts";
import { localCounters, sharedCounter } from "./limits.ts";
import { type OutageOrder, outage } from "./outage.ts";
import { shard } from "./shard.ts";
import { table } from "./table.ts";

/** All of them, one under the other; the same ones every time. */
export function page(): string {
  const parts: string[] = [];

  const inputs = Object.values(measured).map(({ name, value, unit, from }) => [
    name,
    `${many(value)} ${unit}`.trim(),
    from,
  ]);
  parts.push(part("Inputs", ["input", "figure", "from"], inputs));

  parts.push(
    part(
      "One organisation's limits, on the one shard of the counter store that has them",
      ["calls/s", "shard busy", "waits p50", "waits p99", "refused: counter_unavailable"],
      [1_000, 5_000, 8_000, 10_000, 10_800, 12_000, 20_000].map((rate) => {
        const { busy, p50Ms, p99Ms, lateShare } = shard({
          rate,
          serviceUs: measured.scriptUs.value,
          timeoutMs: 1_000,
          seconds: 30,
        });
        return [many(rate), percent(busy), ms(p50Ms), ms(p99Ms), percent(lateShare)];
      }),
    ),
  );

  parts.push(
    part(
      "A limit of 1,000 calls a minute, asked for a hundred times as often for three minutes: the most that passed within any minute",
      ["gateways", "one counter for all", "each counts the whole limit", "each counts an n-th of it, uneven load"],
      [1, 2, 10, 100].map((gateways) => {
        const order = { gateways, max: 1_000, windowMs: 60_000, callsPerSecond: 1_667, seconds: 180 };
        const share = { ...order, max: order.max / gateways, callsPerSecond: 17, skew: 1 };
        return [
          gateways,
          many(sharedCounter(order).mostInWindow),
          many(localCounters({ ...order, skew: 0 }).mostInWindow),
          `${many(localCounters(share).mostInWindow)} (of 1,020 asked for)`,
        ];
      }),
    ),
  );

  for (const [kind, title] of [
    ["away", "Postgres is away"],
    ["stuck", "Postgres answers, but takes no records (a lock, a full disk)"],
  ] as const) {
    parts.push(
      part(
        `${title}: what the journals of all gateways hold when it is back`,
        ["calls/s", "for", "refused", "records", "disk", "caught up after"],
        [100, 1_000, 3_000].flatMap((rate) => [1, 10, 60].map((minutes) => outageRow({ rate, minutes, kind }))),
      ),
    );
  }

  parts.push(
    part(
      "All gateways read at once: until the last one has what it needs",
      ["gateways", "one policy changed", "all, 10,000 grants", "all, 100,000 grants", "all, 1,000,000 grants"],
      [2, 10, 100, 500].map((gateways) => [
        gateways,
        herdWords(gateways, measured.readPolicyUs.value),
        ...[10_000, 100_000, 1_000_000].map((grants) => herdWords(gateways, grants * measured.readGrantUs.value)),
      ]),
    ),
  );

  return parts.join("\n");
}

function outageRow(order: OutageOrder): string[] {
  const { records, bytes, drainS, refused } = outage(order);
  const caughtUp = drainS === null ? "never: more comes than is taken" : duration(drainS);
  return [many(order.rate), `${order.minutes} min`, percent(refused), many(records), size(bytes), caughtUp];
}

function herdWords(gateways: number, workUs: number): string {
  const { lastMs, withinLease } = herd({ gateways, workUs, spreadMs: 0 });
  return `${duration(lastMs / 1_000)}${withinLease ? "" : " (beyond the lease)"}`;
}

function part(title: string, heads: string[], rows: (string | number)[][]): string {
  return `**${title}**\n\n${table(heads, rows)}\n`;
}

function many(value: number): string {
  return value.toLocaleString("en");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function ms(value: number): string {
  return value < 1_000 ? `${value.toFixed(2)} ms` : `${(value / 1_000).toFixed(1)} s`;
}

function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}

function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(0)} min`;
}
