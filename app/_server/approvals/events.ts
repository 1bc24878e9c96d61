// The stream of what becomes of an organisation's approvals (server-sent events): `approval` for each that is new or changed,
// `pending` for how many wait, `resync` when something may have been missed.
import type { Member } from "../member.ts";
import { type Refusal, refuse } from "../refusals.ts";
import { report } from "../report.ts";
import { type ApprovalHub, approvalHub } from "./hub.ts";
import { countPending } from "./list.ts";

type Options = {
  hub?: ApprovalHub;
  /** How often something is sent when nothing happens. That the session still holds is asked of every stream, where routes answer. */
  heartbeatMs?: number;
  /** How long changes are gathered before those that wait are counted again. */
  gatherMs?: number;
};

/** How many streams one organisation may have open at a process. */
const streamsMax = 200;
const open = new Map<string, number>();

export function approvalEvents(
  member: Member,
  request: Request,
  { hub = approvalHub(), heartbeatMs = 15_000, gatherMs = 150 }: Options = {},
): Response | Refusal {
  const organisationId = member.organisation.id;
  if ((open.get(organisationId) ?? 0) >= streamsMax) return refuse("too_many_attempts");
  open.set(organisationId, (open.get(organisationId) ?? 0) + 1);
  const encoder = new TextEncoder();
  let end = () => {};

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let isOver = false;
      let counting: NodeJS.Timeout | null = null;
      let told = -1;
      const send = (text: string) => {
        // Whoever does not read gets nothing more, and comes back.
        if ((controller.desiredSize ?? 0) < -waitingMax) return end();
        if (!isOver) controller.enqueue(encoder.encode(text));
      };
      const count = async () => {
        counting = null;
        const pending = await countPending(organisationId);
        if (!isOver && pending !== told) send(event("pending", { count: pending }));
        told = pending;
      };
      const countSoon = (ms: number) => {
        counting ??= setTimeout(() => count().catch((cause) => report("counting approvals", cause)), ms);
      };
      const unsubscribe = hub.subscribe(organisationId, (heard) => {
        if (heard.kind === "resync") {
          told = -1;
          send(event("resync", {}));
        } else send(event("approval", { id: heard.id, status: heard.status }));
        countSoon(gatherMs);
      });
      const heartbeat = setInterval(() => {
        send(": still here\n\n");
        // That the time of one is up nobody announces.
        countSoon(0);
      }, heartbeatMs);
      end = () => {
        if (isOver) return;
        isOver = true;
        unsubscribe();
        clearInterval(heartbeat);
        if (counting) clearTimeout(counting);
        const left = (open.get(organisationId) ?? 1) - 1;
        if (left > 0) open.set(organisationId, left);
        else open.delete(organisationId);
        try {
          controller.close();
        } catch {
          // it was cancelled from the other side
        }
      };
      request.signal.addEventListener("abort", () => end(), { once: true });
      send("retry: 2000\n\n");
      countSoon(0);
    },
    cancel() {
      end();
    },
  });
  return new Response(body, { headers: { "x-accel-buffering": "no" } });
}

/** Chunks that nobody reads. */
const waitingMax = 1_000;

function event(name: string, data: Record<string, unknown>): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
