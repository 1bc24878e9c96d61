import { describe, expect, it } from "vitest";
import { readEnvironment } from "./env.ts";

const needed = {
  DATABASE_URL: "postgresql://127.0.0.1/none",
  SECRET_KEY: Buffer.alloc(32, 7).toString("base64url"),
  DATA_DIR: "/data",
};
const read = (env: Record<string, string> = {}) => readEnvironment({ ...needed, ...env });

describe("the gateway's environment", () => {
  it("gives each worker an admin port, a journal and a file of tasks of its own; the first has those of a gateway alone", () => {
    const alone = read();
    expect(alone).toMatchObject({ worker: 1, workers: 1, adminUrl: "http://127.0.0.1:4001", countersUrl: null });
    expect([alone.journalDir, alone.tasksFile]).toEqual(["/data/journal", "/data/tasks.jsonl"]);
    const first = read({ GATEWAY_WORKERS: "3", GATEWAY_WORKER: "1" });
    expect([first.journalDir, first.tasksFile]).toEqual([alone.journalDir, alone.tasksFile]);
    const third = read({ GATEWAY_WORKERS: "3", GATEWAY_WORKER: "3" });
    expect(third).toMatchObject({ worker: 3, workers: 3, adminUrl: "http://127.0.0.1:4003" });
    expect(third.settings.gatewayAdminPort).toBe(4003);
    expect([third.journalDir, third.tasksFile]).toEqual(["/data/journal-3", "/data/tasks-3.jsonl"]);
  });

  it("counts together where there is more than one worker", () => {
    expect(read({ GATEWAY_WORKERS: "2" }).countersUrl).toBe("postgres");
    expect(read({ GATEWAY_WORKERS: "2", COUNTERS_URL: "redis://counts" }).countersUrl).toBe("redis://counts");
    expect(() => read({ COUNTERS_URL: "http://:canary@x" })).toThrow(/^COUNTERS_URL must begin with [^@]*$/);
    for (const wrong of ["0", "65", "2.5", "many"]) {
      expect(() => read({ GATEWAY_WORKERS: wrong })).toThrow("GATEWAY_WORKERS must be from 1 to 64, or auto");
    }
  });

  it("answers its admin port under the names that others know it by, and no other", () => {
    const env = {
      GATEWAY_ADMIN_URL: "http://gw-1.internal:9001",
      GATEWAY_ADMIN_BIND: "10.0.0.7",
      GATEWAY_WORKERS: "2",
    };
    const second = read({ ...env, GATEWAY_WORKER: "2" });
    expect([second.adminUrl, second.adminBind]).toEqual(["http://gw-1.internal:9002", "10.0.0.7"]);
    expect([...second.settings.allowedHosts]).toEqual(expect.arrayContaining(["gw-1.internal", "10.0.0.7"]));
    expect(read({ GATEWAY_ADMIN_BIND: "0.0.0.0" }).settings.allowedHosts.has("0.0.0.0")).toBe(false);
    expect(read({ GATEWAY_ADMIN_URL: "http://gw" }).adminUrl).toBe("http://gw:4001");
    expect(() => read({ GATEWAY_ADMIN_URL: "https://gw:4001" })).toThrow("GATEWAY_ADMIN_URL must begin with http://");
  });

  it("goes on taking connections while it stops only where somebody has said how long that may take", () => {
    expect(read()).toMatchObject({ drainMs: 700, noticeMs: 0 });
    expect(read({ GATEWAY_DRAIN_MS: "4000" })).toMatchObject({ drainMs: 4_000, noticeMs: 2_000 });
    expect(read({ GATEWAY_DRAIN_MS: "60000" })).toMatchObject({ drainMs: 60_000, noticeMs: 5_000 });
    expect(() => read({ GATEWAY_DRAIN_MS: "soon" })).toThrow("GATEWAY_DRAIN_MS must be from 0 to 600000");
  });
});
