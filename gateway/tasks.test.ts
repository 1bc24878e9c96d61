import { appendFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openTasks, taskIn, withoutForeignTasks } from "./tasks.ts";

const dir = mkdtempSync(join(tmpdir(), "tasks-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const log = { debug() {}, info() {}, warn() {}, error() {} };
const task = { serverId: "s", taskId: "t", grantId: "g", tool: "read", at: 1_000 };

describe("tasks", () => {
  it("are known after a restart, for a week, whatever happened to the end of the file", () => {
    const file = join(dir, "below", "tasks.jsonl");
    openTasks({ file, now: () => 1_000, log }).note(task);
    appendFileSync(file, '{"serverId":"s","taskId":"cut o');
    const again = openTasks({ file, now: () => 2_000, log });
    expect(again.find("s", "t")).toEqual(task);
    again.note({ ...task, taskId: "u" });
    const week = 7 * 24 * 60 * 60 * 1_000;
    expect(openTasks({ file, now: () => 2_000, log }).find("s", "u")).toMatchObject({ grantId: "g" });
    expect(openTasks({ file, now: () => 1_001 + week, log }).find("s", "t")).toBeNull();
  });

  it("of a process that is not there any more are taken over once, and its file is gone", () => {
    const [file, other] = [join(dir, "mine.jsonl"), join(dir, "other.jsonl")];
    openTasks({ file, now: () => 1_000, log }).note(task);
    const theirs = openTasks({ file: other, now: () => 1_000, log });
    theirs.note({ ...task, taskId: "u" });
    theirs.note({ ...task, grantId: "thief" });
    const both = openTasks({ file, leftOver: [other], now: () => 1_000, log });
    expect([both.find("s", "t")?.grantId, both.find("s", "u")?.grantId]).toEqual(["g", "g"]);
    expect(existsSync(other)).toBe(false);
    expect(openTasks({ file, now: () => 1_000, log }).find("s", "u")).not.toBeNull();
  });

  it("stay with the first grant that was given the id, server by server", () => {
    const tasks = openTasks({ file: null, now: () => 0, log });
    tasks.note(task);
    tasks.note({ ...task, grantId: "thief" });
    expect(tasks.find("s", "t")?.grantId).toBe("g");
    expect(tasks.find("other", "t")).toBeNull();
  });

  it("are not forgotten because another server makes up many", () => {
    const tasks = openTasks({ file: null, now: () => 0, log });
    tasks.note(task);
    for (let made = 0; made < 30_000; made += 1) tasks.note({ ...task, serverId: "other", taskId: `t${made}` });
    expect(tasks.find("s", "t")).toEqual(task);
    expect(tasks.find("other", "t0")).toBeNull();
    expect(tasks.find("other", "t29999")).not.toBeNull();
  });

  it("are read from the answers of both eras, and lists keep the bytes of the rest", () => {
    expect(taskIn('{"id":1,"result":{"task":{"taskId":"a"}}}')).toBe("a");
    expect(taskIn('{"id":1,"result":{"resultType":"task","taskId":"b"}}')).toBe("b");
    expect(taskIn('{"id":1,"result":{"content":[{"taskId":"c"}]}}')).toBeNull();
    const list = '{"result":{"tasks":[ {"taskId":"a","n":1.0},{"taskId":"b"} ,{"taskId":7}],"nextCursor":"x"}}';
    expect(withoutForeignTasks(list, (id) => id === "a")).toBe(
      '{"result":{"tasks":[{"taskId":"a","n":1.0}],"nextCursor":"x"}}',
    );
  });
});
