import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { whileAllowed } from "./guarded-stream.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const bytes = (text: string) => new TextEncoder().encode(text);

function source() {
  let push: (text: string) => void = () => {};
  let end = () => {};
  const cancelled = vi.fn();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      push = (text) => controller.enqueue(bytes(text));
      end = () => controller.close();
    },
    cancel: cancelled,
  });
  return { body, push: (text: string) => push(text), end: () => end(), cancelled };
}

const text = async (read: Promise<ReadableStreamReadResult<Uint8Array>>) => {
  const { done, value } = await read;
  return done ? null : new TextDecoder().decode(value);
};

describe("a stream to somebody", () => {
  it("goes on while they may read it, and ends when it ends", async () => {
    const { body, push, end } = source();
    const reader = whileAllowed(body, async () => true, { endsQuietly: true }).getReader();
    push("a");
    expect(await text(reader.read())).toBe("a");
    await vi.advanceTimersByTimeAsync(60_000);
    push("b");
    end();
    expect(await text(reader.read())).toBe("b");
    expect(await text(reader.read())).toBeNull();
  });

  it("ends within seconds when they may not any more, and nothing is sent after", async () => {
    let isAllowed = true;
    const { body, push, cancelled } = source();
    const reader = whileAllowed(body, async () => isAllowed, { endsQuietly: true }).getReader();
    const next = text(reader.read());
    isAllowed = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await next).toBeNull();
    expect(cancelled).toHaveBeenCalled();
    expect(() => push("secret")).toThrow();
  });

  it("that is an export breaks off, so that a part is not taken for the whole; also when nobody can be asked", async () => {
    const { body } = source();
    const isAllowed = () => Promise.reject(new Error("no database"));
    const next = whileAllowed(body, isAllowed, { endsQuietly: false }).getReader().read();
    const refused = expect(next).rejects.toThrow("may not read");
    await vi.advanceTimersByTimeAsync(5_000);
    await refused;
  });

  it("is cancelled at its source when the reader goes, and asks nobody then", async () => {
    const { body, cancelled } = source();
    const ask = vi.fn(async () => true);
    const reader = whileAllowed(body, ask, { endsQuietly: true }).getReader();
    await reader.cancel();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(cancelled).toHaveBeenCalled();
    expect(ask).not.toHaveBeenCalled();
  });
});
