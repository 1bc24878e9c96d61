import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSse, type SseEvent, writeSse } from "./sse.ts";

function eventsOf(...chunks: (string | Buffer)[]): SseEvent[] {
  const reader = readSse(1_000_000);
  return chunks.flatMap((chunk) => reader.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk) ?? []);
}

const event = (fields: Partial<SseEvent>): SseEvent => ({ event: null, id: null, retry: null, data: null, ...fields });

describe("a stream of events", () => {
  it("is read whatever ends its lines: LF, CRLF or a lone CR", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = ["event: message", "id: 7", "data: {", "data: }", "", "data:x", "", ""].join(end);
      expect(eventsOf(text)).toEqual([event({ event: "message", id: "7", data: "{\n}" }), event({ data: "x" })]);
    }
  });

  it("keeps ids, retry and the empty event that opens a resumable stream", () => {
    expect(eventsOf("id: 1\ndata:\n\nretry: 500\n\nid: 2\n\n")).toEqual([
      event({ id: "1", data: "" }),
      event({ retry: "500" }),
      event({ id: "2" }),
    ]);
  });

  it("drops comments, a byte order mark, unknown fields and what the standard says to ignore", () => {
    expect(eventsOf("\ufeff: hi\ndata: a\nfoo: b\nretry: 5s\nid: a\0b\n\n: alone\n\n")).toEqual([event({ data: "a" })]);
  });

  it("takes one space after the colon and no more, and a field without a colon", () => {
    expect(eventsOf("data:  a\ndata\n\n")).toEqual([event({ data: " a\n" })]);
  });

  it("discards an event that the stream ends in the middle of", () => {
    expect(eventsOf("data: a\n\ndata: b\n")).toEqual([event({ data: "a" })]);
  });

  it("has the characters that the whole has, wherever its bytes are torn apart", () => {
    const bytes = fc.array(
      fc.oneof(
        fc.constantFrom(0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xc3, 0xed, 0xa0, 0xef, 0xbb, 0xbf),
        fc.integer({ min: 0x20, max: 0xff }),
      ),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(40)), (given, cuts) => {
        const stream = Buffer.concat([Buffer.from("data:."), Buffer.from(given), Buffer.from("\n\n")]);
        const places = [...cuts.map((cut) => cut % stream.length).sort((a, b) => a - b), stream.length];
        const chunks = places.map((place, nth) => stream.subarray(places[nth - 1] ?? 0, place));
        expect(eventsOf(...chunks)).toEqual([event({ data: new TextDecoder().decode(stream).slice(5, -2) })]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is cut when an event passes the cap", () => {
    const reader = readSse(100);
    expect(reader.push(Buffer.from(`data: ${"x".repeat(50)}\n\n`))).toHaveLength(1);
    expect(reader.push(Buffer.from(`data: ${"x".repeat(50)}\n`))).toHaveLength(0);
    expect(reader.push(Buffer.from(`data: ${"x".repeat(50)}`))).toBeNull();
  });

  const field = fc.string({ unit: fc.constantFrom("a", "ü", "😀", " ", ":", "\t", "\u2028") });
  const anyEvent = fc.record({
    event: fc.option(field),
    id: fc.option(field),
    retry: fc.option(fc.constantFrom("0", "15000")),
    data: fc.option(fc.array(field, { minLength: 1 }).map((lines) => lines.join("\n"))),
  });
  const says = (one: SseEvent) => one.id !== null || one.retry !== null || one.data !== null;

  it("comes out as it went in, however it is cut into chunks and whatever ends its lines", () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent),
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        fc.constantFrom("\n", "\r\n", "\r"),
        (events, sizes, end) => {
          const bytes = Buffer.from(events.map(writeSse).join("").replaceAll("\n", end));
          const reader = readSse(1_000_000);
          const read: SseEvent[] = [];
          for (let from = 0; from < bytes.length; ) {
            const size = sizes.next().value;
            read.push(...(reader.push(bytes.subarray(from, from + size)) ?? []));
            from += size;
          }
          expect(read).toEqual(events.filter(says));
        },
      ),
    );
  });
});
