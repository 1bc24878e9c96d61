import { describe, expect, it } from "vitest";
import { type Envelope, EnvelopeReader, envelopeOf } from "./envelope.ts";

const messages: [string, Envelope][] = [
  ['{"jsonrpc":"2.0","id":1,"result":{"a":"}","b":[{"id":9}]}}', { kind: "response", id: "1", method: "" }],
  ['{"result":{"text":"\\\\"},"id":"a\\u0062","jsonrpc":"2.0"}', { kind: "response", id: '"ab"', method: "" }],
  ['{"jsonrpc":"2.0","id":"é😀","error":{"code":1}}', { kind: "response", id: '"é😀"', method: "" }],
  ['{"jsonrpc":"2.0","id":null,"error":{"code":1}}', { kind: "response", id: null, method: "" }],
  ['{ "jsonrpc" : "2.0" , "id" : 0 , "method" : "ping" }', { kind: "request", id: "0", method: "ping" }],
  ['{"m\\u0065thod":"roots/list","id":3}', { kind: "request", id: "3", method: "roots/list" }],
  [
    '{"method":"notifications/message","params":{"id":1}}',
    { kind: "notification", id: null, method: "notifications/message" },
  ],
];

describe("what a message is", () => {
  it.each(messages)("is told from its outermost members: %s", (text, envelope) => {
    expect(envelopeOf(text)).toEqual(envelope);
    expect(JSON.parse(text)).toBeTypeOf("object");
  });

  it.each(messages)("is told however its bytes are cut: %s", (text, envelope) => {
    const bytes = Buffer.from(`${text}\n${text}`);
    for (let size = 1; size <= bytes.length; size += 1) {
      const reader = new EnvelopeReader(true);
      const found: (Envelope | null)[] = [];
      for (let from = 0; from < bytes.length; from += size) {
        const part = bytes.toString("latin1", from, from + size);
        for (let read = reader.read(part, 0); read !== null; read = reader.read(part, read.end)) {
          found.push(read.envelope);
        }
      }
      expect(found).toEqual([envelope, envelope]);
      expect(reader.isIdle).toBe(true);
    }
  });

  it.each([
    ["a key given twice", '{"id":1,"id":2,"result":{}}'],
    ["a key given twice, spelled otherwise", '{"method":"ping","m\\u0065thod":"sampling/createMessage","id":1}'],
    ["a key that looks like a known one", '{"Method":"sampling/createMessage","id":1,"result":{}}'],
    ["a result with a method", '{"id":1,"method":"ping","result":{}}'],
    ["an id that is an object", '{"id":{},"result":{}}'],
    ["an id that is not JSON", '{"id":1e,"result":{}}'],
    ["a method that is none", '{"id":1,"method":7}'],
    ["neither answer nor question", '{"jsonrpc":"2.0","id":1}'],
    ["more behind it", '{"id":1,"result":{}} x'],
    ["no object", '"text"'],
    ["an endless id", `{"id":"${"x".repeat(5_000)}","result":{}}`],
  ])("is not told of a text with %s", (_, text) => {
    expect(envelopeOf(text)).toBeNull();
  });
});
