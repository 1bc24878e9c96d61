// HTTP upstreams: one line for each server, and what is looked after for all of them together.
import { Roster } from "../roster.ts";
import { Exchanging } from "./http-exchange.ts";
import { fingerprintOf, type HttpLimits, hangUp, httpLimits, type Line, openLine } from "./http-line.ts";
import { resting } from "./http-troubles.ts";
import type {
  Exchange,
  ExchangeHandler,
  ExchangeRequest,
  UpstreamServer,
  UpstreamSettings,
  UpstreamTrouble,
} from "./upstream.ts";

export type HttpUpstreams = {
  exchange(request: ExchangeRequest, handler: ExchangeHandler): Exchange;
  retain(servers: ReadonlyMap<string, UpstreamServer>): void;
  close(): Promise<void>;
};

export function openHttpUpstreams(
  settings: Pick<UpstreamSettings, "allowPrivateUpstreams">,
  limits: HttpLimits = httpLimits,
): HttpUpstreams {
  const lines = new Map<string, Line>();
  // One for all servers: a roster marks what it holds, and exchanges of as many shapes as there are servers would be slow ones.
  const awaited = new Roster<Exchanging>();
  // One timer for all: a timer for each call would cost more than what it guards against.
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const line of lines.values()) if (line.ok) line.gate.sweep(now);
    for (const [exchange] of awaited) exchange.sweep(now);
  }, sweepMs);
  sweep.unref();

  function lineTo(server: UpstreamServer): Line {
    const known = lines.get(server.id);
    const fingerprint = fingerprintOf(server);
    if (known?.fingerprint === fingerprint) return known;
    if (known) hangUp(known, limits.hangUpMs);
    const line = openLine(server, fingerprint, settings.allowPrivateUpstreams, limits);
    lines.set(server.id, line);
    return line;
  }

  return {
    exchange(request, handler) {
      const line = lineTo(request.server);
      if (!line.ok) return failLater(handler, line.trouble);
      const waitMs = line.breaker.waitMs(performance.now());
      if (waitMs > 0) return failLater(handler, resting(waitMs));
      const exchange = new Exchanging(line, request, handler, limits, awaited);
      exchange.begin();
      return exchange;
    },
    retain(servers) {
      for (const [id, line] of lines) {
        const server = servers.get(id);
        const isHttp = server?.transport === "http";
        if (isHttp && fingerprintOf(server) === line.fingerprint) continue;
        lines.delete(id);
        hangUp(line, isHttp ? limits.hangUpMs : 0);
      }
    },
    async close() {
      clearInterval(sweep);
      const open = [...lines.values()];
      lines.clear();
      await Promise.all(
        open.flatMap((line) => (line.ok ? [line.pool, ...line.standing].map((one) => one.destroy()) : [])),
      );
    },
  };
}

const sweepMs = 500;

function failLater(handler: ExchangeHandler, problem: UpstreamTrouble): Exchange {
  let cancelled = false;
  queueMicrotask(() => {
    if (!cancelled) handler.onTrouble(problem);
  });
  return {
    cancel() {
      cancelled = true;
    },
    pause() {},
    resume() {},
  };
}
