// A stream of events, each read whole, looked at and written anew in canonical form.
import { asSeen, mayHoldUnseen } from "../list.ts";
import { readSse, type SseEvent, writeSse } from "../sse.ts";
import { type Body, heldBytesMax, type Line, relayedHeaders, welcomed } from "./body.ts";

const streamHeaders = { "content-type": "text/event-stream", "x-accel-buffering": "no" };

export function events(line: Line, status: number, headers: Record<string, string>): Body {
  const reader = readSse(heldBytesMax);
  const { plan } = line;
  // Until the stream says otherwise: a call whose answer comes by another stream ends this one unanswered.
  line.setOutcome("unknown");
  // An `initialize` begins its answer with a header that only the result can fill.
  let held: SseEvent[] | null = plan.kind === "initialize" ? [] : null;
  let heldLength = 0;
  const begin = (more: Record<string, string>) => {
    line.head(status, Object.assign(relayedHeaders(headers), more, streamHeaders));
    if (!line.isWhole) {
      // The client shall hear soon that it listens; but what comes with the head goes with it.
      plan.response.cork();
      plan.response.flushHeaders();
      process.nextTick(() => plan.response.uncork());
      // Read long ago, and a stream may stay open for days.
      plan.response.req.rawHeaders = [];
    }
    line.goesOn(true);
    if (held !== null && held.length > 0) line.write(relayedText(line, held));
    held = null;
  };
  if (held === null) begin({});
  return {
    push: (chunk) => {
      const read = reader.push(chunk);
      if (read === null) {
        line.fail("upstream_too_large", "unknown");
        return;
      }
      if (held === null) {
        const text = relayedText(line, read);
        if (text !== "") line.write(text);
        return;
      }
      heldLength += chunk.length;
      if (heldLength > heldBytesMax) {
        line.fail("upstream_too_large", "upstream_error");
        return;
      }
      held.push(...read);
      for (const { data } of read) {
        const welcome = data === null ? {} : welcomed(plan, data, headers);
        if (welcome["mcp-session-id"] === undefined) continue;
        begin(welcome);
        return;
      }
    },
    end: () => {
      if (held !== null) begin({});
      line.end();
    },
  };
}

function relayedText(line: Line, read: readonly SseEvent[]): string {
  let text = "";
  for (const event of read) text += relayedEvent(line, event);
  return text;
}

function relayedEvent(line: Line, event: SseEvent): string {
  const { plan } = line;
  const tag = plan.eventTag;
  const id = event.id !== null && tag !== null ? plan.sealEventId(tag, event.id) : event.id;
  if (event.data === null || event.data === "") return writeSse({ ...event, id });
  const data = plan.vet.text(event.data);
  if (data === null) return "";
  line.noteOutcome(data);
  if (!mayHoldUnseen(data)) return writeSse({ ...event, id, data });
  const shown = asSeen(data, plan.view());
  return shown === null ? "" : writeSse({ ...event, id, data: shown });
}
