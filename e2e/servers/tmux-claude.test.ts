import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "tmux-claude-"));
afterEach(() => rmSync(join(folder, "calls"), { force: true }));

/** Sends the messages, closes stdin, and returns what was printed: messages, and lines that are none. */
async function talk(args: string[], messages: object[]) {
  const server = join(import.meta.dirname, "tmux-claude.ts");
  const child = spawn(process.execPath, ["--import", "tsx", server, `--record=${join(folder, "calls")}`, ...args]);
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  child.stdin.end(messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""));
  const exitCode = await new Promise((resolve) => child.on("close", resolve));
  const lines = printed.trimEnd().split("\n");
  const isMessage = (line: string) => line.startsWith("{");
  return {
    exitCode,
    answers: lines.filter(isMessage).map((line) => JSON.parse(line)),
    others: lines.filter((line) => !isMessage(line)),
  };
}

const calls = () =>
  readFileSync(join(folder, "calls"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

const initialize = { id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {} } };
const initialized = { method: "notifications/initialized" };
const call = (id: number, name: string, args: object) => ({
  id,
  method: "tools/call",
  params: { name, arguments: args },
});

describe("the tmux-claude test server", () => {
  it("has the faults of the original and writes down every call that reached it", async () => {
    const image = { identifier: "vm-1", imageName: "golden" };
    const { exitCode, answers, others } = await talk(
      [],
      [
        initialize,
        initialized,
        { id: 2, method: "ping" },
        call(3, "vm_create_image", image),
        call(4, "vm_terminate", { identifier: "vm-1", confirm: false }),
        call(5, "mergeBranch", { instanceId: "a", _callerRole: "executive" }),
      ],
    );
    expect(exitCode).toBe(0);
    expect(others.length).toBeGreaterThan(5);
    expect(answers[0].result.protocolVersion).toBe("2024-11-05");
    expect(answers[1]).toMatchObject({ id: null, error: { code: -32601 } });
    expect(answers[2]).toMatchObject({ id: 2, error: { code: -32601 } });
    expect(answers[3].result.content[0].text).toBe("vm_create_image done for vm-1");
    expect(answers[4]).toMatchObject({ id: 4, error: { message: "vm_terminate: confirm must be true" } });
    expect(answers[5].result.content[0].text).toBe("mergeBranch done for a");
    expect(calls().map((arrived) => arrived.name)).toEqual(["vm_create_image", "vm_terminate", "mergeBranch"]);
    expect(calls()[0]).toEqual({ at: expect.any(Number), name: "vm_create_image", arguments: image });
  });

  it("lists 26 tools in pages, and 14 when asked to", async () => {
    const list = (id: number, cursor?: string) => ({ id, method: "tools/list", params: { cursor } });
    const all = await talk(["--page-size=13"], [list(1), list(2, "13"), list(3, "26")]);
    expect(all.answers.map((answer) => answer.result?.tools.length)).toEqual([13, 13, undefined]);
    expect(all.answers.map((answer) => answer.result?.nextCursor)).toEqual(["13", undefined, undefined]);
    const image = all.answers[1].result.tools.find((tool: { name: string }) => tool.name === "vm_create_image");
    expect(image.description).toBe("Create an AMI from a VM instance");

    const fewer = await talk(["--list=14"], [list(1), list(2, "10")]);
    expect(fewer.answers.map((answer) => answer.result.tools.length)).toEqual([10, 4]);
  });

  it("behaves with --no-faults", async () => {
    const { answers, others } = await talk(
      ["--no-faults"],
      [initialize, initialized, { id: 2, method: "ping" }, call(3, "vm_terminate", { identifier: "vm-1" })],
    );
    expect(others).toEqual([]);
    expect(answers.map((answer) => answer.id)).toEqual([1, 2, 3]);
    expect(answers[0].result.protocolVersion).toBe("2025-11-25");
    expect(answers[2].result.isError).toBe(true);
  });
});
