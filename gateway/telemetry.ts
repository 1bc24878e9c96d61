// Sends spans and metrics to an OpenTelemetry collector, behind the journal: a call never waits for it, and while it is away its
// spans wait in the journal.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OpenedJournal } from "./journal.ts";
import { awaitsOutcome, type JournalRecord } from "./journal-records.ts";
import type { Log } from "./log.ts";
import type { Metric } from "./metrics.ts";
import { metricsBody, type Sender, type Span, spansOf, type Traced, tracedOf, tracesBody } from "./otlp.ts";
import { isBefore, linesOf, type Position } from "./segments.ts";

export type TelemetrySettings = {
  /** The collector: `/v1/traces` and `/v1/metrics` are below it. */
  endpoint: string;
  headers: Record<string, string>;
  serviceName: string;
  metricsEveryMs: number;
};

export type TelemetryFigures = { lagMs: number; sent: number; dropped: number };
export type Telemetry = { figures(): TelemetryFigures; close(graceMs?: number): Promise<void> };

export type TelemetryOptions = {
  journal: OpenedJournal;
  settings: TelemetrySettings;
  instanceId: string;
  collect(): Metric[];
  log: Log;
  flushMs?: number;
  /** How many segments of the journal (16 MiB each) may wait for a collector that is away. Then the oldest are passed over. */
  segmentsMax?: number;
};

const batchBytesMax = 256 * 1024;
const answerMs = 10_000;
const retryMs = { first: 500, longest: 30_000 };
/** Decisions whose outcome is awaited, at most: more cannot be under way. */
const openMax = 20_000;

/** How far the collector has it, and the decisions before that whose outcome was not known. */
type Kept = { position: Position; open: Traced[] };

/** Starts to read where an earlier run stopped; the first time with what comes from now on. */
export function openTelemetry(options: TelemetryOptions): Telemetry {
  const { journal, settings, log, flushMs = 1_000, segmentsMax = 32 } = options;
  const path = join(journal.dir, "traced.json");
  const sender: Sender = { serviceName: settings.serviceName, instanceId: options.instanceId };
  const startedAt = Date.now();
  const kept = readKept(path, journal);
  let { position } = kept;
  let open = new Map(kept.open.map((one) => [one.id, one]));
  const figures = { sent: 0, dropped: 0 };
  let oldestAt: number | null = null;
  let wait = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | null = null;
  let isClosed = false;

  function schedule(ms: number): void {
    if (isClosed || timer || sending) return;
    timer = setTimeout(() => {
      timer = undefined;
      void start();
    }, ms);
  }

  function start(): Promise<void> {
    sending ??= send().finally(() => {
      sending = null;
      if (wait > 0) schedule(wait);
      else if (isBefore(position, journal.end)) schedule(flushMs);
    });
    return sending;
  }

  /** Until all is sent or the collector does not take it. */
  async function send(): Promise<void> {
    try {
      passOver();
      while (isBefore(position, journal.end)) {
        const { lines, next } = await journal.read(position, batchBytesMax);
        const { spans, nextOpen } = read(lines);
        if (spans.length > 0) await deliver(spans);
        position = next;
        open = nextOpen;
        save();
        if (wait > 0) log.info({}, "the collector takes spans again");
        wait = 0;
      }
      oldestAt = null;
    } catch (cause) {
      if (wait === 0) log.warn({ cause: String(cause) }, "the collector does not take spans; they wait in the journal");
      wait = Math.min(retryMs.longest, Math.max(retryMs.first, wait * 2));
    }
  }

  /** A collector that stays away must not fill the disk that calls are written to. */
  function passOver(): void {
    const first = journal.end.segment - segmentsMax;
    if (position.segment >= first) return;
    log.error(
      { segments: first - position.segment },
      "the collector was away too long: the oldest spans are passed over",
    );
    figures.dropped += 1;
    position = { segment: first, offset: 0 };
  }

  function read(lines: Buffer): { spans: Span[]; nextOpen: Map<string, Traced> } {
    // A copy: a batch that is not taken is read again.
    const nextOpen = new Map(open);
    const spans: Span[] = [];
    for (const line of linesOf(lines)) {
      const record = parse(line);
      if (record === null) continue;
      oldestAt ??= record.at;
      if (record.kind === "decision") {
        if (!awaitsOutcome(record)) spans.push(...spansOf(tracedOf(record), null));
        else if (nextOpen.size < openMax) nextOpen.set(record.id, tracedOf(record));
      } else if (record.kind === "outcome") {
        const decision = nextOpen.get(record.id);
        nextOpen.delete(record.id);
        if (decision) spans.push(...spansOf(decision, record));
      }
    }
    return { spans, nextOpen };
  }

  /** In halves when it is too large at once. What the collector says is wrong with a span will be wrong again. */
  async function deliver(spans: readonly Span[]): Promise<void> {
    const status = await post("/v1/traces", tracesBody(sender, spans));
    if (status >= 200 && status < 300) {
      figures.sent += spans.length;
      return;
    }
    if (status === 413 && spans.length > 1) {
      await deliver(spans.slice(0, spans.length >> 1));
      await deliver(spans.slice(spans.length >> 1));
      return;
    }
    if (status !== 400 && status !== 413) throw new Error(`the collector answered ${status}`);
    figures.dropped += spans.length;
    log.error({ status, spans: spans.length }, "the collector refuses spans; they are dropped");
  }

  async function post(where: string, body: string): Promise<number> {
    const response = await fetch(`${settings.endpoint}${where}`, {
      method: "POST",
      headers: { ...settings.headers, "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(answerMs),
      redirect: "error",
    });
    await response.arrayBuffer();
    return response.status;
  }

  function save(): void {
    try {
      const state: Kept = { position, open: [...open.values()] };
      writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      journal.release("telemetry", position);
    } catch (cause) {
      log.warn({ cause: String(cause) }, "how far spans are sent could not be written down");
    }
  }

  // The figures are as they are: nothing of them waits, and the next ones hold all that these would have.
  const metricsTimer = setInterval(() => {
    post("/v1/metrics", metricsBody(sender, options.collect(), startedAt, Date.now())).catch(() => {});
  }, settings.metricsEveryMs);

  journal.onWrite((records) => {
    oldestAt ??= records[0]?.at ?? null;
    schedule(flushMs);
  });
  schedule(0);

  return {
    figures: () => ({ ...figures, lagMs: oldestAt === null ? 0 : Math.max(0, Date.now() - oldestAt) }),
    async close(graceMs = 500) {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      clearInterval(metricsTimer);
      const last = post("/v1/metrics", metricsBody(sender, options.collect(), startedAt, Date.now())).catch(() => {});
      const late = new Promise<void>((done) => setTimeout(done, graceMs).unref());
      await Promise.race([Promise.all([start(), last]), late]);
    },
  };
}

function parse(line: Buffer): JournalRecord | null {
  try {
    const record = JSON.parse(line.toString("utf8")) as JournalRecord; // we wrote it
    return typeof record.at === "number" ? record : null;
  } catch {
    return null;
  }
}

function readKept(path: string, journal: OpenedJournal): Kept {
  try {
    const { position, open } = JSON.parse(readFileSync(path, "utf8")) as Kept;
    const { segment, offset } = position;
    if (!Number.isInteger(segment) || !Number.isInteger(offset) || !Array.isArray(open)) throw new Error("not ours");
    if (isBefore(journal.end, position)) throw new Error("of another journal");
    return isBefore(position, journal.start)
      ? { position: journal.start, open }
      : { position: { segment, offset }, open };
  } catch {
    return { position: journal.end, open: [] };
  }
}

/** What OpenTelemetry's variables say; null when there is no collector. @throws Error when an address is none. */
export function readTelemetry(env: Record<string, string | undefined>): TelemetrySettings | null {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, "");
  if (!endpoint) return null;
  if (!/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : "")) {
    throw new Error("OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL");
  }
  const pairs = (env.OTEL_EXPORTER_OTLP_HEADERS ?? "").split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    if (at <= 0) return [];
    return [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const];
  });
  const everyMs = Number(env.OTEL_METRIC_EXPORT_INTERVAL ?? 60_000);
  return {
    endpoint,
    headers: Object.fromEntries(pairs),
    serviceName: env.OTEL_SERVICE_NAME || "policylayer-gateway",
    metricsEveryMs: Number.isFinite(everyMs) && everyMs >= 100 ? everyMs : 60_000,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
