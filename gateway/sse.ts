// Server-sent events, read as the WHATWG parser reads them and written in one canonical form. Relaying an upstream's bytes
// unread would let it frame a message with a lone CR, which we would miss and the client's parser would not.

/** One block between two blank lines. A field that the block did not have is null. */
export type SseEvent = { event: string | null; id: string | null; retry: string | null; data: string | null };

export type SseReader = {
  /** @returns The events that this chunk completes, or null when an event passes the cap: the stream must be cut then. */
  push(chunk: Buffer): SseEvent[] | null;
};

/**
 * Reads a stream of events. An event that the stream ends in the middle of is never returned, as the standard demands.
 *
 * @param lengthMax Cap on the characters of one event.
 */
export function readSse(lengthMax: number): SseReader {
  /** A character whose end has not come yet. */
  let torn: Buffer | null = null;
  let isFirst = true;
  let line = "";
  let afterReturn = false;
  let length = 0;
  let event = emptyEvent();

  function endLine(events: SseEvent[]): void {
    if (line !== "") {
      readField(event, line);
    } else {
      if (event.id !== null || event.retry !== null || event.data !== null) events.push(event);
      event = emptyEvent();
      length = 0;
    }
    line = "";
  }

  return {
    push(chunk) {
      const bytes: Buffer = torn === null ? chunk : Buffer.concat([torn, chunk]);
      const whole = wholeLength(bytes);
      torn = whole < bytes.length ? Buffer.from(bytes.subarray(whole)) : null;
      let text = decoder.decode(bytes.subarray(0, whole));
      if (isFirst && text !== "") {
        isFirst = false;
        if (text.startsWith("\ufeff")) text = text.slice(1);
      }
      const events: SseEvent[] = [];
      let from = 0;
      if (afterReturn && text.startsWith("\n")) from = 1;
      if (text !== "") afterReturn = false;
      let newline = text.indexOf("\n", from);
      let carriageReturn = text.indexOf("\r", from);
      while (newline !== -1 || carriageReturn !== -1) {
        const isReturn = carriageReturn !== -1 && (newline === -1 || carriageReturn < newline);
        const at = isReturn ? carriageReturn : newline;
        line += text.slice(from, at);
        length += at - from;
        if (length > lengthMax) return null;
        endLine(events);
        from = at + 1;
        if (isReturn && text[from] === "\n") from += 1;
        else if (isReturn && from === text.length) afterReturn = true;
        if (newline !== -1 && newline < from) newline = text.indexOf("\n", from);
        if (carriageReturn !== -1 && carriageReturn < from) carriageReturn = text.indexOf("\r", from);
      }
      line += text.slice(from);
      length += text.length - from;
      return length > lengthMax ? null : events;
    },
  };
}

/** Puts U+FFFD for broken UTF-8, like every client. One for all streams: a decoder that is kept between two chunks takes a kilobyte. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** How many bytes there are before a character at the end that is only begun. */
function wholeLength(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function emptyEvent(): SseEvent {
  return { event: null, id: null, retry: null, data: null };
}

const isNumber = /^\d+$/;

function readField(event: SseEvent, line: string): void {
  const colon = line.indexOf(":");
  if (colon === 0) return; // a comment
  const field = colon === -1 ? line : line.slice(0, colon);
  let value = colon === -1 ? "" : line.slice(colon + 1);
  if (value.startsWith(" ")) value = value.slice(1);
  if (field === "data") event.data = event.data === null ? value : `${event.data}\n${value}`;
  else if (field === "event") event.event = value;
  else if (field === "id" && !value.includes("\0")) event.id = value;
  else if (field === "retry" && isNumber.test(value)) event.retry = value;
}

/** The canonical text of an event. Read again it gives the same event. */
export function writeSse({ event, id, retry, data }: SseEvent): string {
  let text = "";
  if (event !== null) text += `event: ${event}\n`;
  if (id !== null) text += id === "" ? "id\n" : `id: ${id}\n`;
  if (retry !== null) text += `retry: ${retry}\n`;
  if (data === "") text += "data:\n";
  else if (data !== null) text += `data: ${data.includes("\n") ? data.replaceAll("\n", "\ndata: ") : data}\n`;
  return `${text}\n`;
}
