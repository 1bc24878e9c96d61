import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reloader } from "./reload-soon.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const key = ["things"];

/** A list on a server that takes its time: what it answers is read when it is asked, and arrives later. */
function openList(answerMs: number) {
  const server = { value: 0, asked: 0 };
  const client = new QueryClient();
  const observer = new QueryObserver(client, {
    queryKey: [...key, "list"],
    queryFn: async ({ signal }) => {
      server.asked += 1;
      const { value } = server;
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      return signal.aborted ? -1 : value;
    },
  });
  const leave = observer.subscribe(() => {});
  return { server, reload: reloader(client, key), shown: () => observer.getCurrentResult().data, leave };
}

test("a change during the first load is read, though that was answered before it", async () => {
  const { server, reload, shown, leave } = openList(1_000);
  server.value = 1;
  reload.soon();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shown()).toBe(0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shown()).toBe(1);
  leave();
});

test("many changes of a moment are one reload", async () => {
  const { server, reload, shown, leave } = openList(10);
  await vi.advanceTimersByTimeAsync(10);
  for (server.value = 1; server.value < 20; server.value += 1) reload.soon();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shown()).toBe(20);
  expect(server.asked).toBe(2);
  leave();
});

test("changes that come quicker than an answer do not keep it from arriving, and the last is read", async () => {
  const { server, reload, shown, leave } = openList(1_000);
  for (let i = 1; i <= 100; i += 1) {
    server.value = i;
    reload.soon();
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(shown()).toBeGreaterThan(70);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(shown()).toBe(100);
  expect(server.asked).toBeLessThan(15);
  leave();
});

test("an answer that never comes is not awaited for ever", async () => {
  const client = new QueryClient();
  let asked = 0;
  const observer = new QueryObserver(client, {
    queryKey: key,
    queryFn: () => {
      asked += 1;
      return asked === 1 ? new Promise<string>(() => {}) : Promise.resolve("here");
    },
  });
  const leave = observer.subscribe(() => {});
  reloader(client, key).soon();
  await vi.advanceTimersByTimeAsync(11_000);
  expect(observer.getCurrentResult().data).toBe("here");
  leave();
});

test("nothing is reloaded after it was stopped", async () => {
  const { server, reload, leave } = openList(10);
  reload.soon();
  reload.stop();
  reload.soon();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(server.asked).toBe(1);
  leave();
});
