import { describe, expect, it } from "vitest";
import { splitLines } from "./lines.ts";

function split(chunks: (string | Buffer)[], bytesMax = 100): string[] {
  const heard: string[] = [];
  const feed = splitLines(
    bytesMax,
    (line) => heard.push(line),
    () => heard.push("(too long)"),
  );
  for (const chunk of chunks) feed(Buffer.from(chunk));
  return heard;
}

describe("splitting a program's output", () => {
  it("finds lines whatever the chunks", () => {
    const text = '{"a":1}\n{"b":"ü😀"}\r\n\n   \n{"c":3}\nrest';
    const whole = split([text]);
    expect(whole).toEqual(['{"a":1}', '{"b":"ü😀"}', '{"c":3}']);
    const bytes = Buffer.from(text);
    expect(split(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(whole);
  });

  it("throws away a line that is too long, and nothing else", () => {
    const long = "x".repeat(250);
    expect(split([`one\n${long}\ntwo\n`])).toEqual(["one", "(too long)", "two"]);
    expect(split(["one\n", long.slice(0, 99), long.slice(99), "\ntwo\n"])).toEqual(["one", "(too long)", "two"]);
    expect(split([`${"x".repeat(100)}\n`])).toEqual(["x".repeat(100)]);
  });
});
