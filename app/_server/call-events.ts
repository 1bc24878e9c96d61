// The live tail as server-sent events.
import type { CallAnswer, CallFilters } from "../api/v1/schemas.ts";
import { followCalls, followerCount } from "./call-tail.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";

/** Something is sent at least this often, so that nothing on the way takes the silence for an end. */
const beatMs = 15_000;
/** Then the browser comes again, and its session is looked at again. */
const lifeMs = 10 * 60_000;
const followersMax = 200;
/** What a reader may lag behind before the connection is given up: it comes again and reads the page. */
const queuedMax = 64;

export async function callEvents(
  member: Member,
  filters: CallFilters,
  signal: AbortSignal,
): Promise<Response | Refusal> {
  const organisationId = member.organisation.id;
  if (followerCount(organisationId) >= followersMax) return refuse("too_many_attempts");
  const encoder = new TextEncoder();
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => {
          if ((controller.desiredSize ?? 0) <= 0) return stop();
          controller.enqueue(encoder.encode(text));
        };
        const unfollow = followCalls(organisationId, filters, (items: CallAnswer[]) =>
          write(`event: calls\ndata: ${JSON.stringify({ items })}\n\n`),
        );
        const beat = setInterval(() => write(": still here\n\n"), beatMs);
        const end = setTimeout(() => stop(), lifeMs);
        let isOver = false;
        stop = () => {
          if (isOver) return;
          isOver = true;
          unfollow();
          clearInterval(beat);
          clearTimeout(end);
          signal.removeEventListener("abort", stop);
          try {
            controller.close();
          } catch {
            // The reader went first.
          }
        };
        if (signal.aborted) return stop();
        signal.addEventListener("abort", stop);
        write("retry: 2000\nevent: open\ndata: {}\n\n");
      },
      cancel: () => stop(),
    },
    { highWaterMark: queuedMax },
  );
  return new Response(body, { headers: { "x-accel-buffering": "no" } });
}
