// All kinds of upstream behind one shape: an HTTP server is dialled; a command, and a server of the old HTTP+SSE transport, is
// presented as Streamable HTTP.
import type { Log } from "../log.ts";
import type { ConversationCounts } from "./conversation.ts";
import { openHttpUpstreams } from "./http.ts";
import { type HttpLimits, httpLimits } from "./http-line.ts";
import { openOldSseUpstreams } from "./legacy-sse.ts";
import { openStdioUpstreams, type StdioLimits, stdioLimits } from "./stdio.ts";
import type { UpstreamServer, UpstreamSettings, Upstreams } from "./upstream.ts";

export type OpenedUpstreams = Upstreams & {
  /** How a stdio server behaves: lines on its output that are no messages, messages nobody waits for, ends by itself. */
  counts(serverId: string): ConversationCounts;
  /** The same for all stdio servers since the start. */
  totals(): ConversationCounts;
  /** How many processes run. */
  readonly processes: number;
};

export type UpstreamLimits = { http?: Partial<HttpLimits>; stdio?: Partial<StdioLimits> };

/** Opens both kinds of upstream. Ends programs that a killed gateway has left behind. */
export function openUpstreams(settings: UpstreamSettings, log: Log, limits: UpstreamLimits = {}): OpenedUpstreams {
  const http = openHttpUpstreams(settings, { ...httpLimits, ...limits.http });
  const stdio = openStdioUpstreams(settings, log, { ...stdioLimits, ...limits.stdio });
  const sse = openOldSseUpstreams(http, log);
  const upstreamOf = ({ transport, era }: UpstreamServer) =>
    transport === "stdio" ? stdio : era === "sse" ? sse : http;
  return {
    exchange: (request, handler) => upstreamOf(request.server).exchange(request, handler),
    retain(servers) {
      sse.retain(servers);
      http.retain(servers);
      stdio.retain(servers);
    },
    async close() {
      await sse.close();
      await Promise.all([http.close(), stdio.close()]);
    },
    counts: stdio.counts,
    totals: stdio.totals,
    get processes() {
      return stdio.processes;
    },
  };
}
