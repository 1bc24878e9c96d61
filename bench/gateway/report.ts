// Table and plot of a run, kept in bench/results/ with the machine and the versions.
import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { median, type Summary } from "./latencies.ts";

export type Figures = {
  name: string;
  /** The variant that its CPU time is compared with. */
  floor: string;
  /** CPU microseconds a call, one for each round; none where nobody stands between. */
  cpuUs: number[];
  /** Calls a second when as many are made as can be. */
  rate: number[];
  /** Latencies at half load. */
  half: Summary[];
  memoryMb: number;
};

export type Run = {
  figures: Figures[];
  /** Calls a second at half load. */
  half: number;
  rounds: number;
  sliceMs: number;
  connections: number;
  streams: { count: number; beforeMb: number; afterMb: number } | null;
};

type Row = {
  name: string;
  cpuUs: number;
  /** Median of the ratios of each round to the floor of the same round. */
  ratio: number;
  toNginx: number;
  rate: number;
  p50: number;
  p99: number;
  addedP50: number;
  addedP99: number;
  memoryMb: number;
};

const results = fileURLToPath(new URL("../results/", import.meta.url));

/** Prints the table, and writes `gateway.md` and `gateway.svg`. */
export async function report(run: Run): Promise<void> {
  const rows = rowsOf(run);
  const text = [await machine(), "", setting(run), "", ...tableOf(rows), "", ...streamsOf(run)].join("\n");
  await mkdir(results, { recursive: true });
  await writeFile(`${results}gateway.md`, `# What a tools/call costs\n\n${text}\n`);
  await writeFile(`${results}gateway.svg`, plotOf(rows));
  console.log(text);
}

function rowsOf({ figures }: Run): Row[] {
  const direct = figures.find(({ name }) => name === "direct");
  const nginx = figures.find(({ name }) => name === "nginx");
  return figures.map((one) => {
    const floor = figures.find(({ name }) => name === one.floor);
    const at = (from: Figures | undefined, key: keyof Summary) => median(from?.half.map((half) => half[key]) ?? []);
    const to = (other: Figures | undefined) =>
      median(one.cpuUs.map((us, round) => us / (other?.cpuUs[round] ?? Number.NaN)));
    return {
      name: one.name,
      cpuUs: median(one.cpuUs),
      ratio: to(floor),
      toNginx: one.floor === "floor" ? to(nginx) : Number.NaN,
      rate: median(one.rate),
      p50: at(one, "p50"),
      p99: at(one, "p99"),
      addedP50: at(one, "p50") - at(direct, "p50"),
      addedP99: at(one, "p99") - at(direct, "p99"),
      memoryMb: one.memoryMb,
    };
  });
}

async function machine(): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const processors = cpus();
  return [
    `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC, commit ${commit}`,
    `${processors.length} × ${processors[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    `Node ${process.versions.node}, undici ${dependencies.undici}`,
  ].join(" · ");
}

function setting({ rounds, sliceMs, connections, half }: Run): string {
  return `Medians of ${rounds} rounds, each variant ${sliceMs / 1_000} s a round, ${connections} connections, all on one machine. CPU time of the process between, from /proc. Latency at ${half} calls a second; added: beyond the direct way.`;
}

const none = (value: number, text: string) => (Number.isNaN(value) ? "" : text);

function tableOf(rows: readonly Row[]): string[] {
  const cells = rows.map((row) => [
    row.name,
    none(row.cpuUs, row.cpuUs.toFixed(0)),
    none(row.ratio, row.ratio.toFixed(2)),
    none(row.toNginx, row.toNginx.toFixed(2)),
    row.rate.toFixed(0),
    none(row.p50, `${row.p50.toFixed(2)} / ${row.p99.toFixed(2)}`),
    none(row.addedP50, `${row.addedP50.toFixed(2)} / ${row.addedP99.toFixed(2)}`),
    none(row.memoryMb, row.memoryMb.toFixed(0)),
  ]);
  const head = ["variant", "CPU µs a call", "× floor", "× nginx", "calls/s", "p50 / p99 ms", "added ms", "RSS MB"];
  const widths = head.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" | ")} |`;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...cells.map(line)];
}

function streamsOf({ streams }: Run): string[] {
  if (streams === null) return [];
  const { count, beforeMb, afterMb } = streams;
  const each = ((afterMb - beforeMb) * 1024) / count;
  return [
    `${count} idle event streams: the gateway holds ${afterMb.toFixed(0)} MB (${beforeMb.toFixed(0)} before, ${each.toFixed(1)} KB a stream).`,
  ];
}

/** CPU time as bars; the floor of each group is the line they are held to. */
function plotOf(rows: readonly Row[]): string {
  const bars = rows.filter((row) => !Number.isNaN(row.cpuUs));
  const most = Math.max(...bars.map((row) => row.cpuUs));
  const [left, height, step] = [250, bars.length * 26 + 50, 26];
  const wide = (us: number) => (us / most) * 480;
  const parts = bars.map((row, at) => {
    const y = 40 + at * step;
    const fill = row.name.startsWith("gateway") ? "#2563eb" : "#94a3b8";
    return [
      `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${row.name}</text>`,
      `<rect x="${left}" y="${y}" width="${wide(row.cpuUs).toFixed(1)}" height="18" rx="2" fill="${fill}"/>`,
      `<text x="${(left + wide(row.cpuUs) + 6).toFixed(1)}" y="${y + 13}">${row.cpuUs.toFixed(0)} µs${none(row.ratio, ` · ${row.ratio.toFixed(2)} × floor`)}</text>`,
    ].join("");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="880" height="${height}" font-family="system-ui, sans-serif" font-size="13">
<title>CPU time of the process between, for one tools/call</title>
<rect width="880" height="${height}" fill="#fff"/>
<text x="16" y="22" font-size="15" font-weight="600">CPU time of the process between, for one tools/call</text>
${parts.join("\n")}
</svg>
`;
}
