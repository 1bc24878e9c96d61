import { describe, expect, it } from "vitest";
import { freeze, unfreeze } from "./brake.ts";
import type { Input } from "./commands.ts";
import type { Io } from "./io.ts";

const io = {} as Io;
const input = (values: Input["values"], flags: Input["flags"] = {}): Input => ({ files: [], values, flags });

/** A web process that answers as told, and what it was asked. */
function worldWith(status: number, answer: unknown, env: Record<string, string> = { POLICYLAYER_API_KEY: "pla_x" }) {
  const asked: { url: string; body: unknown; authorization: string | null }[] = [];
  const world = {
    env,
    fetch: (async (url: URL, init: RequestInit) => {
      const authorization = new Headers(init.headers).get("authorization");
      asked.push({ url: url.href, body: JSON.parse(String(init.body)), authorization });
      return Response.json(answer, { status });
    }) as typeof fetch,
  };
  return { world, asked };
}

const inForce = {
  gateways: { live: 2, of: 2, ms: 31 },
  each: [
    { id: "a", ms: 20 },
    { id: "b", ms: 31 },
  ],
};

describe("policylayer freeze", () => {
  it("freezes one thing, says how long each gateway took, and sends the key nowhere else", async () => {
    const { world, asked } = worldWith(200, inForce, { POLICYLAYER_API_KEY: "pla_x", POLICYLAYER_URL: "http://h:1" });
    const answer = await freeze(input({ server: "s1", reason: "leak" }), io, world);
    expect(asked).toEqual([
      {
        url: "http://h:1/api/v1/freeze",
        body: { scope: "server", id: "s1", frozen: true, reason: "leak" },
        authorization: "Bearer pla_x",
      },
    ]);
    expect(answer.exitCode).toBe(0);
    expect(answer.out).toContain("server s1 is frozen: in force on 2 of 2 gateways after 31 ms");
    expect(answer.out).toContain("gateway b  31 ms");
  });

  it("fails when a gateway has not acknowledged it", async () => {
    const late = {
      gateways: { live: 1, of: 2, ms: 2000 },
      each: [
        { id: "a", ms: 9 },
        { id: "b", ms: null },
      ],
    };
    const answer = await freeze(input({}, { organisation: true }), io, worldWith(200, late).world);
    expect(answer.exitCode).toBe(1);
    expect(answer.out).toContain("gateway b  has not acknowledged it yet");
  });

  it("tells why it was refused", async () => {
    const { world } = worldWith(403, {
      title: "Your role does not allow this.",
      detail: "Your role is viewer.\u001b[2J",
    });
    const answer = await freeze(input({ grant: "g" }), io, world);
    expect(answer.exitCode).toBe(1);
    expect(answer.err).toContain("answered 403: Your role does not allow this. Your role is viewer.");
    expect(answer.err).not.toContain("\u001b");
  });

  it.each([
    [freeze, input({}), "say one of"],
    [freeze, input({ server: "s" }, { organisation: true }), "say one of"],
    [unfreeze, input({ server: "s" }), "needs a reason"],
  ])("wants to be told exactly what", async (command, given, message) => {
    const answer = await command(given, io, worldWith(200, inForce).world);
    expect(answer).toMatchObject({ exitCode: 2, err: expect.stringContaining(message) });
  });

  it("wants a key", async () => {
    const answer = await unfreeze(input({ server: "s", reason: "r" }), io, worldWith(200, inForce, {}).world);
    expect(answer.err).toContain("POLICYLAYER_API_KEY");
  });
});
