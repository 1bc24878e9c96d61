// Callers that never stop, an upstream that counts what arrives, and what is on record of it: for tests that take gateways away
// under load. Each call carries a trace of its own, by which it is known wherever it shows up.
import { randomBytes } from "node:crypto";
import { Agent, createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import type pg from "pg";
import type { GrantRow } from "./house.ts";

export type CountingServer = {
  url: string;
  /** How often each trace arrived. */
  arrived: Map<string, number>;
  close(): void;
};

/** Answers every message at once, or after so many milliseconds as a call's argument `ms` says. */
export async function openCountingServer(): Promise<CountingServer> {
  const arrived = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = `${Buffer.concat(chunks)}`;
      const trace = traceOf(String(request.headers.traceparent));
      arrived.set(trace, (arrived.get(trace) ?? 0) + 1);
      const answer = () => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end('{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}');
      };
      setTimeout(answer, Number(/"ms":(\d+)/.exec(body)?.[1] ?? 0));
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    arrived,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export type Callers = {
  /** The traces of calls that had the server's answer. */
  answered: string[];
  /** What the others came to. */
  failed: string[];
  /** Calls that were tried again, because nothing was sent. */
  refused: number;
  /** Ends them after the call that each has under way. */
  stop(): Promise<void>;
};

export type CallersOptions = {
  url: string;
  grant: GrantRow;
  /** Each with one connection that it keeps. */
  kept: number;
  /** Each with a connection for every call. */
  fresh?: number;
  /** Each with calls of so many milliseconds. */
  slow?: { callers: number; ms: number };
};

/** Calls the tool `echo` until they are stopped. A call is tried again only when no connection could be made for it. */
export function startCallers({ url, grant, kept, fresh = 0, slow }: CallersOptions): Callers {
  let isStopped = false;
  const callers: Callers = {
    answered: [],
    failed: [],
    refused: 0,
    stop: async () => {
      isStopped = true;
      await Promise.all(running);
    },
  };
  const run = async (isKept: boolean, ms: number) => {
    const agent = new Agent(isKept ? { keepAlive: true, maxSockets: 1 } : { keepAlive: false });
    while (!isStopped) {
      const trace = randomBytes(16).toString("hex");
      const came = await call(url, grant, agent, trace, ms);
      if (came === "refused") {
        callers.refused += 1;
        await new Promise((again) => setTimeout(again, 20));
      } else if (came === "done") callers.answered.push(trace);
      else callers.failed.push(came);
      // A model thinks between its calls; without it the callers would keep the machine from starting anything.
      await new Promise((thought) => setTimeout(thought, 10));
    }
    agent.destroy();
  };
  const running = [
    ...Array.from({ length: kept }, () => run(true, 0)),
    ...Array.from({ length: fresh }, () => run(false, 0)),
    ...Array.from({ length: slow?.callers ?? 0 }, () => run(true, slow?.ms ?? 0)),
  ];
  return callers;
}

/** What hangs for so long would hang for ever. */
const answerMsMax = 20_000;

/** @returns `done`, `refused` when no connection could be made, or what else came. */
function call(url: string, grant: GrantRow, agent: Agent, trace: string, ms: number): Promise<string> {
  return new Promise((resolve) => {
    const body = JSON.stringify({
      ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
      params: { name: "echo", arguments: { ms } },
    });
    const headers = {
      ...{ authorization: `Bearer ${grant.token}`, "content-type": "application/json" },
      ...{ accept: "application/json, text/event-stream", traceparent: `00-${trace}-00f067aa0ba902b7-01` },
    };
    const asking = httpRequest(`${url}${grant.path}`, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk;
      });
      response.on("end", () => resolve(text.includes('"done"') ? "done" : `${response.statusCode} ${text}`));
      response.on("error", (cause) => resolve(`broken off: ${cause.message}`));
    });
    asking.setTimeout(answerMsMax, () => asking.destroy(new Error("not answered in time")));
    asking.on("error", (cause: NodeJS.ErrnoException) => {
      resolve(cause.code === "ECONNREFUSED" ? "refused" : `${cause.code} ${cause.message} ${asking.reusedSocket}`);
    });
    asking.end(body);
  });
}

/** What is on record: the outcomes of each trace. */
export async function recordedCalls(client: pg.Client): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ traceparent: string | null; outcome: string }>(
    'SELECT traceparent, outcome FROM "Call"',
  );
  const recorded = new Map<string, string[]>();
  for (const { traceparent, outcome } of rows) {
    const trace = traceOf(traceparent ?? "");
    recorded.set(trace, [...(recorded.get(trace) ?? []), outcome]);
  }
  return recorded;
}

function traceOf(traceparent: string): string {
  return traceparent.split("-")[1] ?? "";
}
